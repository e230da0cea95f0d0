//! Every word of the pages, in every language.
//!
//! `{name}` stands for what is filled in; both languages of a row have the same ones.

/// `template` with every `{name}` replaced.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, (name, after))) = place(rest) {
        text.push_str(before);
        let value = values.iter().find(|(known, _)| *known == name);
        text.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    text.push_str(rest);
    text
}

/// The text before the next `{name}`, the name, and the text after it.
fn place(text: &str) -> Option<(&str, (&str, &str))> {
    let (before, after) = text.split_once('{')?;
    Some((before, after.split_once('}')?))
}

macro_rules! words {
    ($($name:ident: $english:literal, $arabic:literal;)*) => {
        /// Every word of the pages in one language.
        #[derive(Debug)]
        pub(crate) struct Words {
            $(pub(crate) $name: &'static str,)*
        }

        pub(super) const EN: Words = Words { $($name: $english,)* };
        pub(super) const AR: Words = Words { $($name: $arabic,)* };

        #[cfg(test)]
        const ROWS: &[(&str, &str, &str)] = &[$((stringify!($name), $english, $arabic),)*];
    };
}

words! {
    // The frame.
    skip: "Skip to the content", "تخطَّ إلى المحتوى";
    inbox: "Inbox", "صندوق المهام";
    new_request: "New request", "طلب جديد";
    mailbox: "Mailbox", "البريد";
    main_menu: "Main menu", "القائمة الرئيسية";
    sign_out: "Sign out", "خروج";
    to_do: "{n} to do", "{n} بانتظارك";
    other_language: "العربية", "English";

    // Signing in.
    sign_in: "Sign in", "الدخول";
    choose_person: "Choose a person", "اختر شخصًا";
    choose_person_why: "This is a demonstration: choose who you want to be. You can change at any time.", "هذا عرض تجريبي: اختر من تريد أن تكون. يمكنك التغيير في أي وقت.";
    no_people: "The directory lists nobody.", "لا يعرض الدليل أي شخص.";
    administrator: "Administrator", "مدير النظام";
    person_unknown: "This person cannot sign in.", "لا يمكن لهذا الشخص الدخول.";

    // The inbox.
    mine: "My tasks", "مهامي";
    available: "Available", "متاحة";
    requested: "My requests", "طلباتي";
    done: "Done", "منجزة";
    more: "Show more", "عرض المزيد";
    nothing_mine: "Nothing waits for you", "لا شيء بانتظارك";
    nothing_mine_next: "Tasks appear here as soon as somebody needs your decision.", "تظهر المهام هنا حالما يحتاج أحد إلى قرارك.";
    nothing_available: "Nothing to take", "لا مهام متاحة";
    nothing_available_next: "Tasks that you share with others appear here. Claim one to work on it.", "تظهر هنا المهام المشتركة مع الآخرين. استلم واحدة لتعمل عليها.";
    nothing_requested: "You have not asked for anything yet", "لم تطلب شيئًا بعد";
    nothing_requested_next: "Start a request and follow it here.", "ابدأ طلبًا وتابعه هنا.";
    nothing_done: "You have not decided anything yet", "لم تتخذ أي قرار بعد";
    nothing_done_next: "What you approve, reject or complete stays here for reference.", "ما توافق عليه أو ترفضه أو تُنجزه يبقى هنا للرجوع إليه.";
    asked_by: "Asked by {who}", "بطلب من {who}";
    due: "Due {time}", "الموعد النهائي {time}";
    overdue: "Overdue since {time}", "متأخرة: {time}";
    opened: "Opened {time}", "فُتحت {time}";
    closed: "Closed {time}", "أُغلقت {time}";
    started: "Started {time}", "بدأ {time}";

    // Starting.
    start_what: "What do you need?", "ماذا تحتاج؟";
    start_nothing: "There is nothing that you may start", "لا يوجد ما يمكنك بدؤه";
    start_nothing_next: "An administrator can publish a workflow that you may start.", "يمكن لمدير النظام نشر مسار عمل متاح لك.";
    start: "Send the request", "إرسال الطلب";
    start_no_data: "This request needs no further information.", "لا يحتاج هذا الطلب إلى معلومات أخرى.";
    fields_required: "Fields marked with * are required.", "الحقول المعلّمة بـ * إلزامية.";
    back: "Back", "رجوع";

    // Forms.
    yes: "Yes", "نعم";
    no: "No", "لا";
    choose: "Choose…", "اختر…";
    nothing_chosen: "None", "بلا";
    required: "required", "إلزامي";
    format_is: "Format: {format}", "الصيغة: {format}";
    example_is: "For example {example}", "مثال: {example}";
    field_required: "Please fill this in.", "يرجى ملء هذا الحقل.";
    field_number: "Please enter a number.", "يرجى إدخال رقم.";
    field_integer: "Please enter a whole number.", "يرجى إدخال عدد صحيح.";
    field_pattern: "This does not have the expected format.", "لا يطابق هذا الصيغة المطلوبة.";
    field_date: "Please enter a date, such as 2026-01-31.", "يرجى إدخال تاريخ، مثل 2026-01-31.";
    field_choice: "Please choose one of the values.", "يرجى اختيار إحدى القيم.";
    field_minimum: "Please enter at least {limit}.", "يرجى إدخال {limit} على الأقل.";
    field_maximum: "Please enter at most {limit}.", "يرجى إدخال {limit} على الأكثر.";
    field_short: "Please enter at least {limit} characters.", "يرجى إدخال {limit} من الأحرف على الأقل.";
    field_long: "Please enter at most {limit} characters.", "يرجى إدخال {limit} من الأحرف على الأكثر.";
    field_other: "This is not valid: {why}", "هذا غير صالح: {why}";

    // A task.
    request: "Request", "الطلب";
    requester: "Requester", "مقدّم الطلب";
    stage: "Stage", "المرحلة";
    assignee: "Assigned to", "مُسندة إلى";
    offered_to: "Offered to", "معروضة على";
    due_label: "Due", "الموعد النهائي";
    decision: "Your decision", "قرارك";
    your_task: "Your task", "مهمتك";
    complete: "Complete", "إنجاز";
    status_now: "Status now: {status}", "الحالة الآن: {status}";
    status_why: "Choose the next status; one that completes leads on to the next step.", "اختر الحالة التالية؛ الحالة المنجِزة تنتقل إلى الخطوة التالية.";
    asked_you: "You were asked", "سُئلت";
    send_answer: "Send answer", "إرسال الإجابة";
    your_answer: "Your answer", "إجابتك";
    ask: "Ask a question", "طرح سؤال";
    ask_why: "The person answers in the own inbox; until then the clock of this task stands still.", "يجيب الشخص من صندوقه، وتتوقف مهلة هذه المهمة حتى يجيب.";
    ask_whom: "Whom", "من تسأل";
    the_holder: "Whoever has it", "من لديه المهمة";
    the_requester: "The requester", "مقدم الطلب";
    question_label: "Question", "السؤال";
    transfer: "Transfer", "نقل";
    transfer_why: "The task leaves you for good: the other person decides as if it had been theirs.", "تنتقل المهمة منك نهائيًا، ويقرر الشخص الآخر كأنها مهمته.";
    complete_why: "There is nothing to fill in: press the button when it is done.", "لا حقول للملء هنا: اضغط الزر عند الانتهاء من العمل.";
    task_for: "{who} has this task; you act as an administrator.", "المهمة لدى {who}؛ أنت تتصرف بصفتك مدير النظام.";
    decision_for: "{who} has this task; you decide as an administrator.", "المهمة لدى {who}؛ أنت تقرر بصفتك مدير النظام.";
    comment: "Note for the others", "ملاحظة للآخرين";
    approve: "Approve", "موافقة";
    check_in: "Check in", "تسجيل الحضور";
    check_in_first: "Check in first; the form comes with the second step.", "سجّل الحضور أولًا؛ يأتي النموذج في الخطوة الثانية.";
    reject: "Reject", "رفض";
    reject_why: "Rejecting may end the request. Say why.", "قد ينهي الرفض الطلب. اذكر السبب.";
    resubmit: "Ask for changes", "طلب تعديلات";
    resubmit_why: "The request goes back to a stage and runs from there again.", "يعود الطلب إلى مرحلة ويستأنف منها.";
    resubmit_to: "Back to", "العودة إلى";
    this_stage: "{stage} (this stage)", "{stage} (هذه المرحلة)";
    send_back: "Send back", "إعادة";
    delegate: "Delegate", "تفويض";
    delegate_why: "Somebody else does this in your place.", "ينجزها شخص آخر نيابة عنك.";
    give_back: "Return to the requester", "إعادة إلى مقدّم الطلب";
    give_back_why: "The requester corrects the request, then this stage opens anew.", "يصحح مقدّم الطلب طلبه ثم تُفتح هذه المرحلة من جديد.";
    escalate: "Escalate", "تصعيد";
    escalate_why: "Whoever leads the person who has it decides instead.", "يقرر المسؤول عمّن لديه المهمة بدلًا منه.";
    assign: "Assign", "إسناد";
    assign_why: "You manage this: give the task to whoever shall do it.", "أنت تدير هذا: أسند المهمة إلى من ينجزها.";
    add_approver: "Ask one more", "إضافة موافِق";
    add_approver_why: "One more person is asked here.", "يُسأل هنا شخص آخر أيضًا.";
    remove_approver: "Take this approver out", "إزالة هذا الموافِق";
    remove_approver_why: "Whoever has this task is not asked any more.", "لن يُسأل صاحب هذه المهمة بعد الآن.";
    suspend: "Suspend the task", "إيقاف المهمة";
    suspend_why: "Nobody can act on it, and its clock stands still, until it is resumed.", "لا يمكن لأحد التصرف فيها وتتوقف مهلتها حتى تُستأنف.";
    suspended_since: "This task is suspended: nobody can act on it.", "هذه المهمة موقوفة: لا يمكن لأحد التصرف فيها.";
    resume_task: "Resume the task", "استئناف المهمة";
    snooze: "Put off", "تأجيل";
    snooze_why: "It leaves your inbox until then; its deadline stays.", "تغيب عن صندوقك حتى ذلك الوقت، ويبقى موعدها النهائي.";
    how_long: "How long", "كم من الوقت";
    snooze_hours: "for 4 hours", "4 ساعات";
    snooze_day: "for a day", "يومًا واحدًا";
    snooze_days: "for 3 days", "3 أيام";
    snooze_week: "for a week", "أسبوعًا";
    snoozed_until: "Put off until", "مؤجلة حتى";
    unsnooze: "Take it up again", "إظهارها الآن";
    start_work: "Begin to work on it", "بدء العمل عليها";
    save_draft: "Save for later", "حفظ لوقت لاحق";
    delegate_to: "To whom", "إلى من";
    hand_over: "Hand over", "تسليم";
    claim: "Claim", "استلام";
    claim_why: "Several people may do this. Claim it, and the others know that you are on it.", "يمكن لعدة أشخاص إنجاز هذه المهمة. استلمها ليعرف الآخرون أنك تعمل عليها.";
    release: "Give it back", "إعادتها";
    reason: "Reason", "السبب";
    whole_request: "Open the whole request", "فتح الطلب كاملًا";
    next_step: "What comes next", "ما التالي";
    next_is: "After this: {stage}.", "بعد ذلك: {stage}.";
    not_yours: "This task is not yours to decide.", "هذه المهمة ليست لك.";
    task_over: "This task is closed.", "هذه المهمة مغلقة.";

    // A diagram.
    diagram: "Diagram", "المخطط";
    diagram_of: "Diagram of “{workflow}”: {stages}.", "مخطط «{workflow}»: {stages}.";
    diagram_here: "How far this request is; the list of stages says the same in words.", "أين وصل هذا الطلب؛ قائمة المراحل تقول ذلك بالكلمات.";
    diagram_large: "Open it large", "عرض بالحجم الكامل";

    // An instance.
    status: "Status", "الحالة";
    started_label: "Started", "بدأ";
    progress: "Progress", "التقدّم";
    details: "Details", "التفاصيل";
    no_data: "Nothing has been filled in yet.", "لم تُملأ أي بيانات بعد.";
    open_tasks: "Open tasks", "المهام المفتوحة";
    history: "History", "السجل";
    filled_forms: "Filled forms", "النماذج المعبأة";
    cancel: "Cancel this request", "إلغاء هذا الطلب";
    cancel_why: "It stops for good; nobody can continue it.", "يتوقف نهائيًا ولا يمكن لأحد متابعته.";
    withdraw: "Withdraw this request", "سحب هذا الطلب";
    withdraw_why: "You take it back: nobody decides on it any more.", "تسحب طلبك: لن يقرر أحد فيه بعد الآن.";
    hold: "Put on hold", "تعليق الطلب";
    hold_why: "Nothing happens and no deadline runs until somebody resumes it.", "لا يحدث شيء ولا تسري أي مهلة حتى يستأنفه أحد.";
    resume: "Resume", "استئناف";
    begin: "Start it now", "بدء الطلب الآن";
    say_something: "Comment", "تعليق";
    say_something_why: "Everybody who can see this request reads it.", "يقرؤه كل من يمكنه رؤية هذا الطلب.";
    on_hold: "On hold", "معلّق";
    pending: "Not started", "لم يبدأ";
    running: "In progress", "قيد التنفيذ";
    completed: "Completed", "مكتمل";
    rejected: "Rejected", "مرفوض";
    cancelled: "Cancelled", "مُلغى";
    failed_status: "Failed", "فشل";
    related: "Related requests", "طلبات مرتبطة";
    part_of: "Part of", "جزء من";
    parts: "Its parts", "أجزاؤه";
    parts_more: "Only the {n} latest are listed.", "تُعرض أحدث {n} فقط.";
    task_completed: "Completed", "أُنجزت";
    approved: "Approved", "موافَق عليه";
    resubmitted: "Sent back", "أُعيد";
    stage_open: "now", "الآن";
    stage_done: "done", "أُنجزت";
    stage_ahead: "ahead", "لاحقًا";
    stage_unreached: "not reached", "لم تُبلغ";
    stage_skipped: "not needed", "غير مطلوبة";
    stage_rejected: "rejected", "رُفضت";
    stage_sent_back: "sent back", "أُعيدت";
    stage_cancelled: "cancelled", "أُلغيت";
    stage_obsolete: "obsolete", "لم تعد في المسار";
    is_completed: "Completed {time}.", "اكتمل {time}.";
    is_failed: "Failed {time}: {code}.", "فشل {time}: {code}.";
    is_on_hold: "{who} put it on hold {time}", "علّقه {who} {time}";
    is_pending: "It has not been started", "لم يبدأ بعد";
    is_rejected: "Rejected by {who}: {reason}", "رفضه {who}: {reason}";
    is_cancelled: "Cancelled by {who}: {reason}", "ألغاه {who}: {reason}";
    waits: "Waits for {who} at {stage}.", "ينتظر {who} في {stage}.";
    waits_due: "Waits for {who} at {stage}, due {time}.", "ينتظر {who} في {stage}، الموعد النهائي {time}.";
    waits_overdue: "Waits for {who} at {stage}, overdue since {time}.", "ينتظر {who} في {stage}، متأخر: {time}.";
    works: "The system is working on {stage}.", "النظام يعمل على {stage}.";
    failed: "A step failed; an operator has to look at it.", "فشلت خطوة؛ يحتاج الأمر إلى مسؤول النظام.";
    obsolete: "{stage} is not in this version of the workflow; an operator has to move or withdraw it.", "{stage} ليست في هذا الإصدار من المسار؛ على مسؤول النظام نقلها أو سحبها.";
    waits_operator: "An operator has to look at it: nobody can act.", "يحتاج إلى مسؤول النظام: لا أحد يستطيع التصرف.";
    anyone_of: "anyone with the role {role}", "أي شخص بدور {role}";
    anyone: "anyone", "أي شخص";
    and: "and", "و";

    // What happened.
    the_engine: "The system", "النظام";
    the_host: "The application", "التطبيق";
    ev_started: "{who} started the request", "بدأ {who} الطلب";
    ev_assigned: "{stage} was given to {who}", "أُسندت {stage} إلى {who}";
    ev_offered: "{stage} was offered to {who}", "عُرضت {stage} على {who}";
    ev_approved: "{who} approved {stage}", "وافق {who} على {stage}";
    ev_rejected: "{who} rejected {stage}", "رفض {who} {stage}";
    ev_resubmitted: "{who} sent {stage} back", "أعاد {who} {stage}";
    ev_on_behalf: "{line} on behalf of {principal}", "{line} نيابة عن {principal}";
    ev_checked_in: "{who} checked in at {stage}", "سجّل {who} الحضور في {stage}";
    ev_attached: "{who} prepared the request", "أعدّ {who} الطلب";
    ev_held: "{who} put the request on hold", "علّق {who} الطلب";
    ev_resumed: "{who} resumed the request", "استأنف {who} الطلب";
    ev_work_started: "{who} began to work on {stage}", "بدأ {who} العمل على {stage}";
    ev_snoozed: "{who} put {stage} off", "أجّل {who} {stage}";
    ev_suspended: "{who} suspended {stage}", "أوقف {who} {stage}";
    ev_task_resumed: "{who} resumed {stage}", "استأنف {who} {stage}";
    ev_claimed: "{who} claimed {stage}", "استلم {who} {stage}";
    ev_released: "{who} gave {stage} back", "أعاد {who} {stage} إلى الآخرين";
    ev_delegated: "{who} delegated {stage} to {to}", "فوّض {who} {stage} إلى {to}";
    ev_escalated: "{stage} went to {to}, because nobody answered", "انتقلت {stage} إلى {to} لعدم الرد";
    ev_escalated_by: "{who} escalated {stage} to {to}", "صعّد {who} {stage} إلى {to}";
    ev_transferred: "{who} handed {stage} over to {to}", "حوّل {who} {stage} إلى {to}";
    ev_asked: "{who} asked {to} about {stage}", "سأل {who} {to} عن {stage}";
    ev_answered: "{who} answered a question about {stage}", "أجاب {who} عن سؤال حول {stage}";
    ev_action: "{who} had the action {action} run", "شغّل {who} الإجراء {action}";
    ev_commented: "{who} commented", "علّق {who}";
    ev_commented_on: "{who} commented on {stage}", "علّق {who} على {stage}";
    ev_not_escalated: "Nobody was found to whom {stage} could go", "لم يوجد من تنتقل إليه {stage}";
    ev_reminded: "A reminder was due for {stage}", "حان موعد التذكير بشأن {stage}";
    ev_overdue: "{stage} became overdue", "تأخرت {stage}";
    ev_returned: "The request went back to {stage}", "عاد الطلب إلى {stage}";
    ev_skipped: "{stage} was not needed", "لم تكن {stage} مطلوبة";
    ev_failed: "{stage} could not go on", "تعذّر استمرار {stage}";
    ev_incident: "Something needs an operator: {what}", "أمر يحتاج إلى مسؤول النظام: {what}";
    ev_done: "{who} completed {stage}", "أنجز {who} {stage}";
    ev_branched: "{n} branches of work began at {stage}", "بدأت عند {stage} مسارات عمل متوازية عددها {n}";
    ev_joined: "All branches of work came together at {stage}", "التقت مسارات العمل كلها عند {stage}";
    ev_branches_ended: "All branches of work ended", "انتهت مسارات العمل كلها";
    ev_job: "The system started {stage}", "بدأ النظام {stage}";
    ev_job_done: "The system finished {stage}", "أنهى النظام {stage}";
    ev_function: "The system carried out {stage}", "نفّذ النظام {stage}";
    ev_timed_out: "Time ran out for {stage}", "انتهى الوقت المحدد لـ {stage}";
    ev_slow: "{stage} took longer than planned", "استغرقت {stage} وقتًا أطول من المخطط";
    ev_withdrawn: "{stage} was not needed any more", "لم تعد {stage} مطلوبة";
    ev_migrated: "{who} moved the request to version {version} of the workflow", "نقل {who} الطلب إلى الإصدار {version} من المسار";
    ev_obsolete: "{stage} is not in this version of the workflow", "{stage} ليست في هذا الإصدار من المسار";
    ev_anew: "{stage} began anew", "بدأت {stage} من جديد";
    ev_retimed: "The deadlines of {stage} changed", "تغيرت مواعيد {stage}";
    ev_completed: "The request was completed", "اكتمل الطلب";
    ev_instance_rejected: "The request was rejected", "رُفض الطلب";
    ev_cancelled: "{who} cancelled the request", "ألغى {who} الطلب";

    // What was just done.
    did_start: "Your request is on its way.", "طلبك في الطريق.";
    did_approve: "You approved it. Thank you.", "تمت موافقتك. شكرًا لك.";
    did_answer: "Your answer was sent.", "أُرسلت إجابتك.";
    did_request_info: "Your question was sent. The clock of the task stands still until it is answered.", "أُرسل سؤالك. تتوقف مهلة المهمة حتى تصل الإجابة.";
    did_set_status: "The status was set.", "تم تغيير الحالة.";
    did_transfer: "The task was transferred.", "نُقلت المهمة.";
    did_complete: "Done. Thank you.", "تم الإنجاز. شكرًا لك.";
    did_complete_next: "Done. This is your next task.", "تم الإنجاز. هذه مهمتك التالية.";
    did_reject: "You rejected it.", "تم الرفض.";
    did_resubmit: "You sent it back.", "تمت الإعادة.";
    did_delegate: "You handed it over.", "تم التفويض.";
    did_check_in: "You checked in. The second step is to approve.", "تم تسجيل حضورك. الخطوة الثانية هي الموافقة.";
    did_claim: "The task is yours now.", "المهمة لك الآن.";
    did_release: "Others can take the task now.", "يمكن للآخرين استلام المهمة الآن.";
    did_add_approver: "One more person is asked.", "أُضيف موافِق آخر.";
    did_remove_approver: "This approver is not asked any more.", "أُزيل هذا الموافِق.";
    did_assign: "The task was assigned.", "أُسندت المهمة.";
    did_comment: "Your comment was added.", "أُضيف تعليقك.";
    did_escalate: "The task was escalated.", "صُعّدت المهمة.";
    did_hold: "The request is on hold.", "عُلّق الطلب.";
    did_resume: "The request goes on.", "استُؤنف الطلب.";
    did_resume_task: "The task goes on.", "استُؤنفت المهمة.";
    did_save_draft: "What you filled in is kept; nobody else sees it.", "حُفظ ما ملأته ولا يراه غيرك.";
    did_snooze: "The task is put off.", "أُجّلت المهمة.";
    did_start_work: "The others see that you are working on it.", "يرى الآخرون أنك تعمل عليها.";
    did_suspend: "The task is suspended.", "أُوقفت المهمة.";
    did_unsnooze: "The task is back in your inbox.", "عادت المهمة إلى صندوقك.";
    did_withdraw: "You withdrew the request.", "سحبت الطلب.";
    did_cancel: "The request was cancelled.", "أُلغي الطلب.";

    // Why something was not done.
    check_fields: "Please look at the marked fields.", "يرجى مراجعة الحقول المعلّمة.";
    no_not_permitted: "You may not do this.", "لا يحق لك القيام بذلك.";
    no_self_approval: "You asked for this yourself, so somebody else must decide.", "أنت مقدّم الطلب، لذا يجب أن يقرر شخص آخر.";
    no_separation: "Somebody who acted on this request before may not decide here.", "من تصرف في هذا الطلب سابقًا لا يمكنه القرار هنا.";
    no_not_open: "This task has already been closed; nothing was changed.", "أُغلقت هذه المهمة من قبل؛ لم يتغير شيء.";
    no_already_decided: "You have already decided here; nothing was changed.", "سبق أن قررت هنا؛ لم يتغير شيء.";
    no_already_claimed: "Somebody else has this task.", "هذه المهمة لدى شخص آخر.";
    no_on_hold: "This stands still until it is resumed.", "هذا متوقف حتى يُستأنف.";
    no_not_on_hold: "This does not stand still; nothing was changed.", "هذا ليس متوقفًا؛ لم يتغير شيء.";
    no_not_cancellable: "Somebody is working on a task; it can be cancelled when they are done.", "يعمل أحدهم على مهمة؛ يمكن الإلغاء بعد انتهائه.";
    no_not_running: "This request has already ended; nothing was changed.", "انتهى هذا الطلب من قبل؛ لم يتغير شيء.";
    no_reason: "Please give a reason.", "يرجى ذكر السبب.";
    no_target: "Please choose where it should go.", "يرجى اختيار الوجهة.";
    no_target_invalid: "It cannot go there.", "لا يمكن الانتقال إلى هناك.";
    no_unknown_user: "This person is not known or not active.", "هذا الشخص غير معروف أو غير نشط.";
    no_form: "The form must be filled.", "يجب ملء النموذج.";
    no_approver: "Nobody can be found who could decide next. Please tell an administrator.", "لا يوجد من يقرر في الخطوة التالية. يرجى إبلاغ مدير النظام.";
    no_already_started: "This is already on its way.", "هذا الطلب قيد التنفيذ بالفعل.";
    no_unique: "There is a request with this number already.", "يوجد طلب بهذا الرقم بالفعل.";
    no_inactive: "This workflow takes no new requests at the moment.", "لا يقبل مسار العمل هذا طلبات جديدة حاليًا.";
    no_conflict: "Somebody was faster. Please try again.", "سبقك شخص آخر. يرجى المحاولة مرة أخرى.";
    no_limit: "This is too large.", "هذا كبير جدًا.";
    no_node_failed: "An automatic step failed, so nothing was changed. Please tell an administrator.", "فشلت خطوة تلقائية فلم يتغير شيء. يرجى إبلاغ مدير النظام.";
    no_other: "This could not be done.", "تعذّر تنفيذ ذلك.";

    // The mailbox.
    mailbox_why: "Mails that were sent. In this demonstration they stay in a folder and reach nobody.", "الرسائل المُرسلة. في هذا العرض تبقى في مجلد ولا تصل إلى أحد.";
    mailbox_why_admin: "Mails that were written to the folder.", "الرسائل المحفوظة في المجلد.";
    no_mail: "No mail was sent yet", "لم تُرسل أي رسالة بعد";
    no_mail_next: "Start a request, and the first approver gets a mail.", "ابدأ طلبًا لتصل رسالة إلى أول موافِق.";
    mail_from: "From", "من";
    mail_to: "To", "إلى";
    mail_cc: "Copy", "نسخة";
    mail_date: "Date", "التاريخ";
    mail_template: "Template", "القالب";
    mail_html: "As shown by mail programs", "كما تعرضه برامج البريد";
    mail_text: "As plain text", "كنص عادي";
    mail_headers: "All headers", "كل الترويسات";

    // When something is wrong.
    error_401: "Please sign in", "يرجى الدخول";
    error_401_next: "Nobody is signed in. Come back through your application.", "لم يسجل أحد الدخول. عد عبر التطبيق.";
    error_403: "This is not allowed", "هذا غير مسموح";
    error_403_next: "You may not do this, or the request came from another site.", "لا يحق لك ذلك، أو جاء الطلب من موقع آخر.";
    error_404: "There is nothing here", "لا يوجد شيء هنا";
    error_404_next: "The address is wrong, or this is not meant for you.", "العنوان خاطئ، أو أن هذا ليس موجهًا إليك.";
    error_405: "This cannot be done here", "لا يمكن تنفيذ ذلك هنا";
    error_405_next: "Go back and use the buttons of the page.", "ارجع واستخدم أزرار الصفحة.";
    error_409: "This task is closed", "هذه المهمة مغلقة";
    error_409_next: "Somebody else was faster; there is nothing left to do here, and nothing was changed.", "سبقك شخص آخر؛ لم يبقَ ما تفعله هنا ولم يتغير شيء.";
    error_400: "The request cannot be read", "تعذّرت قراءة الطلب";
    error_400_next: "Go back and try again.", "ارجع وحاول مرة أخرى.";
    error_413: "This is too large", "هذا كبير جدًا";
    error_413_next: "At most 1 MiB can be sent at once. Go back and send less.", "يمكن إرسال 1 ميغابايت كحد أقصى. ارجع وأرسل أقل.";
    error_500: "Something went wrong", "حدث خطأ ما";
    error_500_next: "Nothing was changed. Try again in a moment; if it stays, tell an administrator.", "لم يتغير شيء. حاول بعد قليل؛ وإن استمر فأبلغ مدير النظام.";
    home: "To the inbox", "إلى صندوق المهام";

    // Times.
    just_now: "just now", "الآن";
    in_time: "in {time}", "خلال {time}";
    ago: "{time} ago", "قبل {time}";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_fill_in_the_same() {
        let places = |text: &str| {
            let mut names: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
                .collect();
            names.sort();
            names
        };
        for (name, english, arabic) in ROWS {
            assert_eq!(places(english), places(arabic), "{name}");
            assert!(!english.is_empty() && !arabic.is_empty(), "{name}");
        }
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        let text = fill(
            "{who} approved {stage}",
            &[("who", "{stage}"), ("stage", "Review")],
        );
        assert_eq!(text, "{stage} approved Review");
        assert_eq!(fill("{unknown}!{", &[]), "!{");
    }
}
