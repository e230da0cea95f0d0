//! What an expression says that it reads.

use crate::compiled;

#[test]
fn static_paths_are_listed_in_order_of_appearance() {
    for (source, expected) in [
        ("1 + 1", ""),
        ("claim.amount > 10", "claim.amount"),
        (
            "claim.amount > claim.limit && claim.amount > 1",
            "claim.amount claim.limit",
        ),
        ("data['any'].x", "data.any.x"),
        ("data[\"k\"][\"l\"]", "data.k.l"),
        ("data.items[0].x", "data.items"),
        ("data[key].x", "data key"),
        ("data[a.b].x", "data a.b"),
        ("has(data.x.y)", "data.x.y"),
        ("items.all(i, i.x > limit.of[i.y])", "items limit.of"),
        ("items.all(items, items.x)", "items"),
        ("items.all(i, i.all(j, j == i && k))", "items k"),
        ("[a].exists(x, .x == x)", "a x"),
        ("a.startsWith(b.c)", "a b.c"),
        ("size(a.b) == b.size()", "a.b b"),
        ("type(a) == int", "a"),
        ("type(a) == google.protobuf.Timestamp", "a"),
        ("timestamp(now) > timestamp(data.due)", "now data.due"),
        ("duration(a.b)", "a.b"),
        ("a ? b.c : {d: [e.f]}", "a b.c d e.f"),
        ("(a.b).c", "a.b.c"),
        ("{'a': 1}.b", ""),
        ("name.matches('x')", "name"),
    ] {
        let condition = compiled(source);
        let reads: Vec<String> = condition
            .reads()
            .iter()
            .map(|path| path.join("."))
            .collect();
        assert_eq!(reads.join(" "), expected, "{source}");
        assert_eq!(condition.source(), source);
    }
}
