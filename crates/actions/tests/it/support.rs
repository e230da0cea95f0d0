//! A message to vary, and messages that no mailer may send.

use signoff_actions::mail::{Address, Message};

pub(crate) fn message(id: &str) -> Message {
    Message {
        id: id.to_owned(),
        from: None,
        to: Address::named("Ann Archer", "ann@example.com"),
        cc: Vec::new(),
        subject: "Approved: A-17".to_owned(),
        html: "<p>Hello <b>Ann</b></p>".to_owned(),
        text: "Hello Ann\n.\n..dots\n".to_owned(),
        template: "approved".to_owned(),
        tenant: "acme".to_owned(),
        locale: "en".to_owned(),
    }
}

#[cfg(feature = "mail")]
pub(crate) fn arabic(id: &str) -> Message {
    Message {
        from: Some(Address::named("نظام الموافقات", "flow@example.com")),
        to: Address::named("ليلى حسن", "layla@example.com"),
        cc: vec![
            Address::named("Zoë, \"Z\"", "zoe@example.com"),
            Address::new("log@example.com"),
        ],
        subject: "تمت الموافقة: طلب شراء حاسوب محمول جديد لقسم المحاسبة في الفرع الرئيسي"
            .to_owned(),
        html: "<p dir=\"rtl\">مرحبًا ليلى</p>".to_owned(),
        text: "مرحبًا ليلى\n".to_owned(),
        tenant: "شركة".to_owned(),
        locale: "ar".to_owned(),
        ..message(id)
    }
}

/// A text that would start a header of its own.
const INJECTION: &str = "x\r\nBcc: eve@example.com";

/// Messages that could smuggle in a header or leave the folder, by what is wrong with them.
pub(crate) fn smuggling() -> Vec<(&'static str, Message)> {
    let with = |change: fn(&mut Message)| {
        let mut message = message("m-1");
        change(&mut message);
        message
    };
    vec![
        ("subject", with(|m| m.subject = INJECTION.to_owned())),
        ("bare line feed", with(|m| m.subject = "a\nb".to_owned())),
        ("name", with(|m| m.to.name = Some(INJECTION.to_owned()))),
        (
            "address",
            with(|m| m.to.address.push_str("\r\nBcc: e@x.com")),
        ),
        (
            "sender",
            with(|m| m.from = Some(Address::named(INJECTION, "a@x.com"))),
        ),
        (
            "copy",
            with(|m| m.cc = vec![Address::named(INJECTION, "a@x.com")]),
        ),
        ("template", with(|m| m.template = INJECTION.to_owned())),
        ("tenant", with(|m| m.tenant = INJECTION.to_owned())),
        ("locale", with(|m| m.locale = INJECTION.to_owned())),
        (
            "id with a line break",
            with(|m| m.id = INJECTION.to_owned()),
        ),
        ("id with a path", with(|m| m.id = "../m".to_owned())),
        ("hidden id", with(|m| m.id = ".m".to_owned())),
        ("empty id", with(|m| m.id.clear())),
        ("endless id", with(|m| m.id = "m".repeat(129))),
    ]
}

/// Messages with something in place of an address.
#[cfg(feature = "mail")]
pub(crate) fn unaddressed() -> Vec<(&'static str, Message)> {
    let good = message("m-1");
    [
        "",
        "ann",
        "ann@",
        "@example.com",
        "a b@example.com",
        "<ann@example.com>",
    ]
    .into_iter()
    .map(|address| {
        (
            address,
            Message {
                to: Address::new(address),
                ..good.clone()
            },
        )
    })
    .collect()
}
