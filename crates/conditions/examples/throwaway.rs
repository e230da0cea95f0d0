use serde_json::*;
use signoff_conditions::Cel;
use signoff_core::conditions::*;
use std::time::Instant;
fn main() {
    let src = "claim.amount > 10000 && claim.is_high_risk == true";
    let mut claim = Map::new();
    for i in 0..10 {
        claim.insert(format!("f{i}"), json!({"a": i, "b": "text"}));
    }
    claim.insert("amount".into(), json!(12000));
    claim.insert("is_high_risk".into(), json!(true));
    let mut s = Map::new();
    s.insert("claim".into(), Value::Object(claim));
    s.insert(
        "items".into(),
        json!(
            (0..1000)
                .map(|n| json!({"sku": format!("s{n}"), "price": n}))
                .collect::<Vec<_>>()
        ),
    );
    s.insert("big".into(), json!((0..5000).collect::<Vec<_>>()));
    let t = Instant::now();
    let n = 1000;
    for _ in 0..n {
        std::hint::black_box(Cel::new().compile(src).unwrap());
    }
    println!("compile {:?}", t.elapsed() / n);
    for src in [
        src,
        "amount_x || true",
        "claim.f1.a == 1",
        "items.all(i, i.price >= 0)",
        "timestamp('2026-01-01T00:00:00Z') > timestamp('2025-01-01T00:00:00Z')",
        "claim.f1.b.matches('^[a-z]+$')",
        "big.all(a, big.all(b, a + b >= 0)) || true",
        "big.map(a, big) == []",
        "big.exists(a, (big + big) == []) || true",
        "big.exists(a, 'aaaaaaaaaaaaaaaaaaaaaaaaaa'.matches('(a?){2}' + string(a)))",
        "[1,2,3,4,5,6,7,8].map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).map(x,[x,x]).size()",
    ] {
        let c = Cel::new().compile(src).unwrap();
        let t = Instant::now();
        let mut n = 0;
        let mut r;
        loop {
            r = c.evaluate(&s);
            n += 1;
            if n == 100000 || t.elapsed().as_millis() > 500 {
                break;
            }
        }
        println!(
            "{:?} {src} -> {}",
            t.elapsed() / n,
            match r {
                Ok(v) => v.to_string(),
                Err(e) => e.to_string(),
            }
        );
    }
    let worst = [
        format!("{}1{}", "(".repeat(16), ")".repeat(16)),
        format!("true{}", " && a.b".repeat(63)),
        format!("1{}", "+1".repeat(45)),
        format!("[{}1]", "1,".repeat(120)),
        format!("{}1{}", "[".repeat(16), "]".repeat(16)),
        "a?".repeat(100),
        format!("{}1", "-".repeat(250)),
        "((((((((((((((((".into(),
        format!("{}1", "a ? b : ".repeat(50)),
        format!("{}", "{a:[".repeat(8)),
        "a.b(".repeat(16),
        format!("{}true", "! ".repeat(250)),
        "a<".repeat(127),
        "[{".repeat(8),
    ];
    for w in worst {
        let t = Instant::now();
        let r = Cel::new().compile(&w);
        println!(
            "compile {:?} ok={} {}",
            t.elapsed(),
            r.is_ok(),
            &w[..w.len().min(40)]
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    println!(
        "{}",
        status.lines().find(|l| l.starts_with("VmHWM")).unwrap()
    );
}
