//! Expressions that nobody would write in good faith, one for each seed.

/// Numbers that follow from a seed.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Below `n`.
    fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % n).unwrap_or(0)
    }

    fn of<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }

    /// A size: mostly around the bounds, now and then far beyond them.
    fn size(&mut self) -> usize {
        let most = [4, 20, 60, 130, 300, 2_500, 20_000][self.below(7)];
        1 + self.below(most)
    }
}

const LEAVES: [&str; 40] = [
    "0",
    "1",
    "-1",
    "2.5",
    "1e308",
    "3u",
    "true",
    "false",
    "null",
    "''",
    "'a'",
    "b'\\xff'",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615u",
    "claim",
    "claim.amount",
    "claim.note",
    "claim.nothing.more",
    "nobody",
    "items",
    "list",
    "limits",
    "wide",
    "long",
    "text",
    "now",
    "x",
    "x.y",
    "x[0]",
    "int",
    "[]",
    "{}",
    "'(a+)+$'",
    "'(a?){200}a{200}$'",
    "'P1D'",
    "'2026-01-01T00:00:00Z'",
    "'مرحبا'",
    "'\\U0001F600'",
    "data['any key']",
];
const BINARY: [&str; 14] = [
    "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "in",
];
const FUNCTIONS: [&str; 19] = [
    "size",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "bool",
    "type",
    "dyn",
    "duration",
    "timestamp",
    "decimal",
    "has",
    "date",
    "business_days",
    "!",
    "-",
    "--",
    "matches",
];
const METHODS: [&str; 9] = [
    "startsWith",
    "endsWith",
    "contains",
    "matches",
    "getHours",
    "getMilliseconds",
    "size",
    "getFullYear",
    "amount",
];
const WALKS: [&str; 6] = ["all", "exists", "exists_one", "map", "filter", "existsOne"];
const PATTERNS: [&str; 8] = [
    "(a+)+$",
    "(a|aa)+$",
    "(a?){90}a{90}",
    "((a{0,80}){80}){80}",
    "\\\\w{900}",
    "[a-z]{1000}{9}",
    "(?i)(x|a|aa|aaa)*y",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
];

/// The expression of a seed; the same one always.
pub(crate) fn nasty(seed: u64) -> String {
    let dice = &mut Dice(seed);
    let mut source = match dice.below(10) {
        0..=4 => tree(dice, 6),
        5 => killer(dice),
        6 => chain(dice),
        7 => grown(dice),
        8 => {
            let inner = killer(dice);
            format!("{} || {inner}", tree(dice, 3))
        }
        _ => tokens(dice),
    };
    if dice.below(4) == 0 {
        source = mutated(dice, &source);
    }
    source
}

/// A whole expression of so many levels at most.
fn tree(dice: &mut Dice, levels: usize) -> String {
    if levels == 0 || dice.below(5) == 0 {
        return dice.of(&LEAVES).to_owned();
    }
    let a = tree(dice, levels - 1);
    match dice.below(10) {
        0..=2 => format!("({a} {} {})", dice.of(&BINARY), tree(dice, levels - 1)),
        3 => format!("{}({a})", dice.of(&FUNCTIONS)),
        4 => format!("{a}.{}({})", dice.of(&METHODS), tree(dice, levels - 1)),
        5 => format!("{a}.{}(x, {})", dice.of(&WALKS), tree(dice, levels - 1)),
        6 => format!("{a}[{}]", tree(dice, levels - 1)),
        7 => format!("[{a}, {}]", tree(dice, levels - 1)),
        8 => format!("{{{a}: {}}}", tree(dice, levels - 1)),
        _ => format!("({a} ? {} : {a})", tree(dice, levels - 1)),
    }
}

/// What is known to kill evaluators, in any size.
fn killer(dice: &mut Dice) -> String {
    let n = dice.size();
    let few = 1 + dice.below(12);
    let leaf = dice.of(&LEAVES);
    match dice.below(12) {
        0 => format!(
            "1{}",
            dice.of(&["+1", " && true", "-x", "*2", "||a", "==1"])
                .repeat(n)
        ),
        1 => {
            let (open, close) = [
                ("(", ")"),
                ("[", "]"),
                ("{1:", "}"),
                ("!(", ")"),
                ("f(", ")"),
            ][dice.below(5)];
            format!("{}{leaf}{}", open.repeat(n), close.repeat(n))
        }
        2 => (0..few).fold("true".to_owned(), |body, n| {
            format!(
                "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].{}(x{n}, {body})",
                dice.of(&WALKS)
            )
        }),
        3 => format!("['{}']{}", "a".repeat(n), ".map(x, x + x)".repeat(few + 10)),
        4 => format!("[[1, 2]]{}", ".map(x, [x, x])".repeat(few + 10)),
        5 => format!("long.matches('{}')", dice.of(&PATTERNS)),
        6 => format!(
            "long.matches('{}' + '{}')",
            dice.of(&PATTERNS),
            dice.of(&PATTERNS)
        ),
        7 => format!("'{}' == '{}'", "x".repeat(n), "\\u0000".repeat(n)),
        8 => format!("{}1", "a ? b : ".repeat(n)),
        9 => "9".repeat(n),
        10 => format!(
            "duration('P{}D') < duration('{}h')",
            "9".repeat(few),
            "9".repeat(few * 2)
        ),
        _ => format!("decimal('{}.{}') > 1", "9".repeat(n), "0".repeat(n)),
    }
}

/// Long in one way.
fn chain(dice: &mut Dice) -> String {
    let n = dice.size();
    let link = dice.of(&[
        ".b",
        "[0]",
        ".size()",
        "['k']",
        ".map(x, x)",
        ".filter(x, true)",
        " + 'a'",
        " + list",
        "\n",
        "// \n",
        "(",
        ")",
        "!",
        "-",
        "?",
        ":",
        ",",
        "\"",
        "'",
        "`",
        "\\",
        "é",
        "\u{202e}",
    ]);
    format!("{}{}", dice.of(&LEAVES), link.repeat(n))
}

/// Loops over much, with work in them.
fn grown(dice: &mut Dice) -> String {
    let range = dice.of(&[
        "wide",
        "long",
        "list",
        "limits",
        "items",
        "[wide, wide]",
        "wide.map(y, y)",
    ]);
    let (outer, inner) = (dice.of(&WALKS), dice.of(&WALKS));
    let body = tree(dice, 2);
    match dice.below(5) {
        0 => format!("{range}.{outer}(x, {body})"),
        1 => format!("{range}.{outer}(x, wide.{inner}(z, {body}))"),
        2 => format!("{range}.{outer}(x, x + x + {body} == x)"),
        3 => format!("{range}.{outer}(x, long.matches('{}'))", dice.of(&PATTERNS)),
        _ => format!("{range}.{outer}(x, wide == wide || {body})"),
    }
}

/// No expression at all, most of the time.
fn tokens(dice: &mut Dice) -> String {
    let n = dice.size().min(400);
    let mut source = String::new();
    for _ in 0..n {
        let set: &[&str] = match dice.below(4) {
            0 => &LEAVES,
            1 => &BINARY,
            2 => &METHODS,
            _ => &[
                "(", ")", "[", "]", "{", "}", ".", ",", "?", ":", "'", "\"", "r'", "b\"\"\"", "0x",
            ],
        };
        source.push_str(dice.of(set));
    }
    source
}

fn mutated(dice: &mut Dice, source: &str) -> String {
    let mut chars: Vec<char> = source.chars().collect();
    for _ in 0..=dice.below(4) {
        let at = dice.below(chars.len());
        match (dice.below(3), chars.get_mut(at)) {
            (0, Some(char)) => *char = ['\0', '(', '\'', 'é', '9', '.', '\u{feff}'][dice.below(7)],
            (1, Some(_)) => drop(chars.remove(at)),
            (_, found) => {
                let doubled = found.map_or(' ', |char| *char);
                chars.insert(at, doubled);
            }
        }
    }
    chars.into_iter().collect()
}
