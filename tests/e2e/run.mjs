// The demo in a real browser: from the first request to the mailbox, stopped and started again.
//
// SIGNOFF_BIN: the program (target/debug/signoff). SIGNOFF_CHROMIUM: the browser (/usr/bin/chromium).
// SIGNOFF_SHOTS: a folder for pictures of the pages; none when not given.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const program = resolve(process.env.SIGNOFF_BIN ?? "target/debug/signoff");
const executablePath = process.env.SIGNOFF_CHROMIUM ?? "/usr/bin/chromium";
const shots = process.env.SIGNOFF_SHOTS;
const folder = mkdtempSync(join(tmpdir(), "signoff-e2e-"));

/** Starts the demo and gives its address and how to stop it. */
async function demo() {
  const child = spawn(program, ["demo", "--port", "0", "--dir", folder], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((done) => child.once("exit", (code) => done(code)));
  const address = new Promise((found, failed) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const match = /^Signoff demo on (http:\S+)/.exec(line);
      if (match) found(match[1]);
    });
    ended.then((code) => failed(new Error(`the demo ended with ${code}`)));
  });
  const stop = async () => {
    child.kill("SIGINT");
    assert.equal(await ended, 0, "Ctrl-C ends the demo well");
  };
  return { url: await address, stop };
}

let browser;
let running;
let step = 0;

/** A page of one person, in English, in a browser of its own. */
async function as(person, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("pageerror", (error) => assert.fail(`a script failed: ${error}`));
  page.on("response", (response) => assert.ok(response.status() < 500, `${response.status()} at ${response.url()}`));
  await page.goto(`${running.url}/sign-in?lang=en`);
  await page.locator(`button[name=person][value=${person}]`).click();
  await page.waitForURL(/\/inbox/);
  await page.goto(`${running.url}/inbox?lang=en`);
  return page;
}

async function shot(page, name) {
  step += 1;
  if (shots) await page.screenshot({ path: join(shots, `${String(step).padStart(2, "0")}-${name}.png`), fullPage: true });
}

/** Opens the task of `title`, from the tasks that the person has or from those on offer; at `stage` when given. */
async function open(page, title, stage = "", lang = "en") {
  for (const view of ["mine", "available"]) {
    await page.goto(`${running.url}/inbox?view=${view}&lang=${lang}`);
    const link = page.locator("main .list li", { hasText: title }).filter({ hasText: stage }).locator("a");
    if (await link.count()) {
      await link.first().click();
      await page.waitForURL(/\/tasks\//);
      return;
    }
  }
  assert.fail(`there is no task for ${title}`);
}

const press = (page, outcome) => page.locator(`button[name=outcome][value=${outcome}]`).click();
const text = (page) => page.locator("main").innerText();
const unfold = (page, name) => page.locator("summary", { hasText: name }).click();

async function start(page, title, amount) {
  await page.goto(`${running.url}/start/purchase_request`);
  await page.locator('[name="form.title"]').fill(title);
  await page.locator('[name="form.amount"]').fill(String(amount));
  await page.locator("main form button.primary").click();
  await page.waitForURL(/\/instances\//);
  return page.url();
}

async function review(page, title, code = "BDG-2026-001") {
  await open(page, title);
  await page.locator('[name="form.reviewer_comment"]').fill("checked");
  await page.locator('[name="form.budget_code"]').fill(code);
  await press(page, "approve");
}

/** Starts a flow with one field in its start form. */
async function startFlow(page, workflow, field, value) {
  await page.goto(`${running.url}/start/${workflow}`);
  await page.locator(`[name="form.${field}"]`).fill(value);
  await page.locator("main form button.primary").click();
  await page.waitForURL(/\/instances\//);
  return page.url();
}

/** Reloads until the page says `what`: the worker runs after the commit. */
async function until(page, what) {
  for (let tries = 0; tries < 100 && !what.test(await text(page)); tries += 1) {
    await page.waitForTimeout(100);
    await page.reload();
  }
  assert.match(await text(page), what);
}

/** Fails when the page is wider than its window. */
async function fits(page) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(overflow <= 0, `the page is ${overflow}px too wide`);
}

/** The diagram of the page, once it is there: it takes the room that was kept for it, and shows something. */
async function diagram(page) {
  const picture = page.locator(".picture img");
  const size = await picture.evaluate(async (image) => {
    await image.decode();
    return { natural: [image.naturalWidth, image.naturalHeight], kept: [image.width, image.height] };
  });
  assert.ok(size.natural[0] > 0 && size.natural[1] > 0, "the diagram is loaded");
  assert.deepEqual(size.kept, size.natural, "its room is kept for it");
  assert.ok(await picture.getAttribute("alt"), "it has a text alternative");
  return picture;
}

/** What the diagram of the page looks like: the mark of `node`, and the picture itself. */
async function look(page, node) {
  const picture = await diagram(page);
  const answer = await page.request.get(new URL(await picture.getAttribute("src"), page.url()).href);
  assert.equal(answer.headers()["content-type"], "image/svg+xml");
  const mark = new RegExp(`class="node marked ([a-z]+)" data-node="${node}"`).exec(await answer.text());
  return { mark: mark?.[1], pixels: await page.locator(".picture").screenshot() };
}

const scenarios = {
  async "bad input is told beside its field, and what was typed stays"() {
    const ann = await as("ann");
    await ann.goto(`${running.url}/start/purchase_request`);
    await shot(ann, "start");
    await ann.locator('[name="form.title"]').fill("<script>alert(1)</script>");
    await ann.locator('[name="form.amount"]').fill("a lot");
    await ann.locator("main form button.primary").click();
    assert.equal(await ann.locator('[name="form.title"]').inputValue(), "<script>alert(1)</script>");
    assert.ok(await ann.locator('[aria-invalid="true"]').count(), "the wrong field is marked");
    await shot(ann, "start-wrong");
  },

  async "a purchase is reviewed, sent back, delegated and completed, with mail"() {
    const ann = await as("ann");
    const instance = await start(ann, "Chairs for the office", 1200);
    await shot(ann, "instance");
    const rita = await as("rita");
    await shot(rita, "inbox");
    await review(rita, "Chairs for the office", "nonsense");
    assert.ok(await rita.locator('[aria-invalid="true"]').count(), "the wrong code is marked");
    assert.equal(await rita.locator('[name="form.reviewer_comment"]').inputValue(), "checked");
    await shot(rita, "task-wrong");
    await rita.locator('[name="form.budget_code"]').fill("BDG-2026-001");
    await press(rita, "approve");
    await rita.goto(`${running.url}/inbox?lang=en`);
    assert.ok(!(await text(rita)).includes("Chairs for the office"), "a decided task leaves the inbox at once");

    const bob = await as("bob");
    await open(bob, "Chairs for the office");
    await unfold(bob, "Ask for changes");
    await bob.locator("[name=resubmit_to]").selectOption("initial_review");
    await press(bob, "resubmit");
    await shot(bob, "no-reason");
    assert.match(await text(bob), /Please give a reason/);
    await bob.locator("[name=resubmit_reason]").fill("cost breakdown missing");
    await press(bob, "resubmit");

    await open(rita, "Chairs for the office");
    await unfold(rita, "Delegate");
    await rita.locator("[name=delegate_to]").selectOption("bob");
    await rita.locator("[name=delegate_reason]").fill("on leave");
    await press(rita, "delegate");
    await review(bob, "Chairs for the office");
    const eve = await as("eve");
    await open(eve, "Chairs for the office");
    await shot(eve, "task");
    await press(eve, "approve");
    const cfo = await as("cfo");
    await open(cfo, "Chairs for the office");
    await cfo.locator('[name="form.finance_ref"]').fill("FIN-2026-PR-1");
    await press(cfo, "approve");
    await ann.goto(instance);
    assert.match(await text(ann), /Completed/i);
    assert.match(await text(ann), /cost breakdown missing/);
    await shot(ann, "instance-completed");
  },

  async "the mailbox shows what was sent"() {
    const ann = await as("ann");
    await ann.goto(`${running.url}/mailbox`);
    // Mail leaves after the commit, by the worker.
    for (let tries = 0; tries < 50 && !(await ann.locator("main a[href*='/mailbox/']").count()); tries += 1) {
      await ann.waitForTimeout(100);
      await ann.reload();
    }
    await shot(ann, "mailbox");
    await ann.locator("main a[href*='/mailbox/']").first().click();
    await ann.waitForURL(/\/mailbox\/./);
    await shot(ann, "mail");
  },

  async "a large purchase is rejected with a reason by one executive"() {
    const ann = await as("ann");
    const instance = await start(ann, "Printing press", 90000);
    await review(await as("rita"), "Printing press");
    const bob = await as("bob");
    await open(bob, "Printing press");
    await press(bob, "approve");
    const cfo = await as("cfo");
    await open(cfo, "Printing press");
    await cfo.locator('[name="form.finance_ref"]').fill("FIN-2026-PR-2");
    await press(cfo, "approve");
    const xia = await as("xia");
    await open(xia, "Printing press");
    await unfold(xia, "Reject");
    await xia.locator("[name=reject_reason]").fill("not this year");
    await press(xia, "reject");
    await ann.goto(instance);
    assert.match(await text(ann), /Rejected/i);
  },

  async "a request is put on hold, returned, corrected and withdrawn"() {
    const ann = await as("ann");
    const instance = await start(ann, "Held shelf", 1300);
    const rita = await as("rita");
    await rita.goto(instance);
    await unfold(rita, "Put on hold");
    await rita.locator("[name=hold_reason]").fill("budget is closed");
    await press(rita, "hold");
    assert.match(await text(rita), /On hold/);
    await shot(rita, "held");
    await press(rita, "resume");
    await open(rita, "Held shelf");
    await unfold(rita, "Put off");
    await press(rita, "snooze");
    await rita.goto(`${running.url}/inbox?lang=en`);
    assert.ok(!(await text(rita)).includes("Held shelf"), "what is put off is not in the inbox");
    await rita.goto(instance);
    await rita.locator("main a", { hasText: "Initial review" }).click();
    await unfold(rita, "Return to the requester");
    await rita.locator("[name=return_reason]").fill("which shelf?");
    await press(rita, "return");
    await open(ann, "Held shelf");
    await press(ann, "complete");
    await ann.goto(instance);
    assert.match(await text(ann), /which shelf\?/);
    await unfold(ann, "Withdraw this request");
    await press(ann, "withdraw");
    assert.match(await text(ann), /Please give a reason/);
    await ann.locator("[name=withdraw_reason]").fill("found one");
    await press(ann, "withdraw");
    assert.match(await text(ann), /Cancelled/);
    await shot(ann, "withdrawn");
  },

  async "the requests of the last days are there, in Arabic too"() {
    const ann = await as("ann");
    await ann.goto(`${running.url}/inbox?view=requested&lang=ar`);
    for (const title of ["Chairs", "مطبعة رقمية", "Desk", "طاولة اجتماعات"]) {
      assert.equal(await ann.locator("main .list li a", { hasText: title }).count() > 0, true, title);
    }
    await ann.locator("main .list li", { hasText: "مطبعة رقمية" }).locator("a").first().click();
    await ann.waitForURL(/\/instances\//);
    assert.match(await text(ann), /ليس هذا العام/);
    await fits(ann);
    await shot(ann, "seeded");
    await ann.goto(`${running.url}/inbox?lang=en`);
  },

  async "nobody else sees a request, and nothing changes without the same origin"() {
    const ann = await as("ann");
    const instance = await start(ann, "Secret desk", 1500);
    const yan = await as("yan");
    const seen = await yan.goto(instance);
    assert.equal(seen.status(), 404, "what one may not see does not exist");
    const forged = await yan.request.post(`${running.url}/sign-out`, { headers: { Origin: "http://evil.example" } });
    assert.equal(forged.status(), 403);
    const anonymous = await (await browser.newContext()).request.get(`${running.url}/api/v1/tasks`);
    assert.equal(anonymous.status(), 401);
  },

  async "deciding works without scripts, and by keyboard alone"() {
    const ann = await as("ann", { javaScriptEnabled: false });
    await start(ann, "Keyboard", 1100);
    const rita = await as("rita", { javaScriptEnabled: false });
    await open(rita, "Keyboard");
    await rita.locator('[name="form.reviewer_comment"]').focus();
    await rita.keyboard.type("checked");
    await rita.keyboard.press("Tab");
    await rita.keyboard.type("BDG-2026-009");
    await Promise.all([rita.waitForEvent("framenavigated"), rita.keyboard.press("Enter")]);
    await rita.waitForLoadState();
    await rita.goto(`${running.url}/inbox?view=done&lang=en`);
    assert.match(await text(rita), /Keyboard/);
  },

  async "Arabic reads from right to left, in the dark and on a phone"() {
    const page = await as("ann", { colorScheme: "dark", viewport: { width: 390, height: 800 } });
    await page.goto(`${running.url}/inbox?view=requested&lang=ar`);
    assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
    await fits(page);
    await shot(page, "arabic");
  },

  async "a hello world is approved by keyboard without scripts, and the job mails it"() {
    const ann = await as("ann");
    await ann.goto(`${running.url}/start`);
    assert.ok(!(await text(ann)).includes("Shipment"), "only what one may start is offered");
    await shot(ann, "flow-choice");
    const instance = await startFlow(ann, "hello_world", "text", "Good morning, world");
    assert.match(await text(ann), /Waits for anyone with the role Approver at “Approve”/);
    await shot(ann, "flow-instance");

    const max = await as("max", { javaScriptEnabled: false });
    await open(max, "Good morning, world");
    await press(max, "claim");
    assert.match(await text(max), /The task is yours now/);
    await press(max, "release");
    await max.locator('[name="form.approved"]').focus();
    await shot(max, "flow-task");
    await max.keyboard.press("Space");
    await max.keyboard.press("Tab");
    await max.keyboard.type("looks kind");
    await max.keyboard.press("Tab");
    await Promise.all([max.waitForEvent("framenavigated"), max.keyboard.press("Enter")]);
    await max.waitForURL(/\/inbox/);
    assert.match(await text(max), /Done\. Thank you/);
    await max.goto(`${running.url}/inbox?view=done&lang=en`);
    assert.match(await text(max), /Good morning, world[^]*Completed/);

    await ann.goto(instance);
    await until(ann, /The system finished “Send”/);
    assert.match(await text(ann), /Max Meyer completed “Approve”: looks kind/);
    assert.match(await text(ann), /The request was completed/);
    await shot(ann, "flow-completed");
    await ann.goto(`${running.url}/mailbox`);
    await ann.locator("main a", { hasText: "Hello from a workflow" }).click();
    await ann.waitForURL(/\/mailbox\/./);
    assert.match(await text(ann), /Good morning, world/);
  },

  async "a shipment runs side by side, by post with insurance, and comes together"() {
    const cleo = await as("cleo");
    const instance = await startFlow(cleo, "shipment", "customer", "Müller & Söhne");
    assert.match(await text(cleo), /Waits for Cleo Carter at “Carrier”\. Waits for anyone with the role Warehouse at “Package”\./);
    await open(cleo, "Shipment to Müller & Söhne", "Carrier");
    await cleo.locator("[name=comment]").fill("soon, please");
    await press(cleo, "complete");
    assert.match(await text(cleo), /Please fill this in/);
    assert.equal(await cleo.locator("[name=comment]").inputValue(), "soon, please");
    assert.equal(await cleo.locator('[name="form.carrier"]').getAttribute("aria-invalid"), "true");
    await shot(cleo, "flow-wrong");
    await cleo.locator('[name="form.carrier"]').selectOption("post");
    await press(cleo, "complete");
    assert.match(await text(cleo), /This is your next task[^]*Check insurance/);

    // The warehouse works at the same time.
    const zoe = await as("zoe");
    const wim = await as("wim");
    await open(wim, "Shipment to Müller & Söhne", "Package");
    await open(zoe, "Shipment to Müller & Söhne", "Package");
    await shot(zoe, "flow-package");
    await press(zoe, "complete");
    await press(wim, "complete");
    assert.match(await text(wim), /This task is closed/);
    await shot(wim, "flow-late");

    await cleo.locator('[name="form.insured"]').check();
    await press(cleo, "complete");
    assert.match(await text(cleo), /This is your next task[^]*Label/);
    await shot(cleo, "flow-next");
    await cleo.locator('[name="form.label"]').fill("L-1");
    await press(cleo, "complete");
    await cleo.goto(instance);
    assert.match(await text(cleo), /Waits for anyone with the role Logistics at “Insure”\./);
    await shot(cleo, "flow-midway");

    const layla = await as("layla", { colorScheme: "dark", viewport: { width: 390, height: 800 } });
    await open(layla, "Shipment to Müller & Söhne", "Insure", "ar");
    assert.equal(await layla.locator("html").getAttribute("dir"), "rtl");
    await fits(layla);
    await shot(layla, "flow-arabic");
    await press(layla, "complete");

    // Whoever packed it moves it.
    await open(zoe, "Shipment to Müller & Söhne", "Move");
    await press(zoe, "complete");
    await cleo.goto(instance);
    assert.match(await text(cleo), /All branches of work came together at “Labelled”/);
    assert.match(await text(cleo), /All branches of work came together at “Ready”/);
    assert.match(await text(cleo), /Quote\s+not needed/);
    assert.match(await text(cleo), /Zoe Zhang completed “Move”/);
    await shot(cleo, "flow-together");
  },

  async "the diagram of a shipment follows it, in the dark and in Arabic too"() {
    const cleo = await as("cleo");
    await cleo.goto(`${running.url}/start/shipment`);
    await diagram(cleo);
    await shot(cleo, "diagram-start");
    const instance = await startFlow(cleo, "shipment", "customer", "Drawn");
    const before = await look(cleo, "carrier");
    assert.equal(before.mark, "open");
    await open(cleo, "Shipment to Drawn", "Carrier");
    await cleo.locator('[name="form.carrier"]').selectOption("post");
    await press(cleo, "complete");
    await cleo.goto(instance);
    const after = await look(cleo, "carrier");
    assert.equal(after.mark, "completed");
    assert.ok(!after.pixels.equals(before.pixels), "the diagram changes with the instance");
    await shot(cleo, "diagram-step");

    // What is wider than the page is reached by keyboard.
    const section = cleo.locator(".picture");
    await section.focus();
    await cleo.keyboard.press("ArrowRight");
    await cleo.waitForFunction(() => document.querySelector(".picture").scrollLeft > 0);

    const dark = await as("cleo", { colorScheme: "dark" });
    await dark.goto(instance);
    assert.ok(!(await look(dark, "carrier")).pixels.equals(after.pixels), "the diagram is dark in the dark");
    await shot(dark, "diagram-dark");

    const phone = await as("cleo", { colorScheme: "dark", viewport: { width: 390, height: 800 } });
    await phone.goto(`${instance}?lang=ar`);
    assert.equal((await look(phone, "carrier")).mark, "completed");
    await fits(phone);
    const [start, room] = await phone.locator(".picture").evaluate((it) => [it.scrollLeft, it.scrollWidth - it.clientWidth]);
    assert.ok(start === 0 && room > 0, "it begins at the right and scrolls to the left");
    await shot(phone, "diagram-arabic");
    await phone.locator("section[aria-labelledby=diagram] a:not([download])").click();
    await phone.waitForURL(/diagram\.svg\?locale=ar$/);
    const large = await phone.locator("svg").boundingBox();
    assert.ok(large.x === 0 && large.y === 0, "opened by itself it begins in the corner");
    assert.match(await phone.locator("desc").textContent(), /مكتمل/);
  },

  async "stopped and started again, everything is still there"() {
    const ann = await as("ann");
    const instance = new URL(await start(ann, "Lamp", 1300)).pathname;
    await running.stop();
    running = await demo();
    const rita = await as("rita");
    await review(rita, "Lamp");
    const again = await as("ann");
    await again.goto(running.url + instance);
    assert.match(await text(again), /Lamp/);
    await again.goto(`${running.url}/mailbox`);
    assert.match(await text(again), /ann@example.com|Ann Archer/);
  },
};

let failed = 0;
let passed = 0;
try {
  running = await demo();
  browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  for (const [name, run] of Object.entries(scenarios)) {
    try {
      await run();
      passed += 1;
      console.log(`ok    ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).replaceAll("\n", "\n      ")}`);
    }
  }
} finally {
  await browser?.close();
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
