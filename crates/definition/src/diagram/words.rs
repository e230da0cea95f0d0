//! The few words of a diagram, in each language that has them.

use std::collections::BTreeMap;

use signoff_core::text::Text;

macro_rules! words {
    ($($name:ident: $en:literal, $ar:literal;)*) => {
        /// The words of one language.
        #[derive(Clone, Copy, Debug)]
        pub(super) struct Words {
            $(pub(super) $name: &'static str,)*
        }

        const ENGLISH: Words = Words { $($name: $en,)* };
        const ARABIC: Words = Words { $($name: $ar,)* };
    };
}

words! {
    after: "after", "بعد";
    all: "all", "الجميع";
    any: "any", "أي واحد";
    any_error: "any error", "أي خطأ";
    any_escalation: "any escalation", "أي تصعيد";
    anyone: "anyone", "أي شخص";
    approval: "approval", "موافقة";
    at: "at", "في";
    by_code: "from code", "من البرنامج";
    cancelled: "Cancelled", "ملغى";
    cancels: "cancels", "يلغي";
    compensate: "compensation", "تعويض";
    completed: "Completed", "مكتمل";
    days: "d", "ي";
    each: "for each", "لكل";
    end: "end", "نهاية";
    every: "every", "كل";
    fail: "failure", "فشل";
    failed: "Failed", "فشل";
    first: "first of several", "أول واحد";
    function: "function", "دالة";
    goes_to: "goes to", "يؤدي إلى";
    group: "Group", "مجموعة";
    head_of_department: "head of the requester's department", "رئيس قسم مقدم الطلب";
    head_of_team: "head of the requester's team", "رئيس فريق مقدم الطلب";
    hours: "h", "س";
    if_: "if", "إذا";
    job: "job", "عمل في الخلفية";
    join: "join", "دمج";
    majority: "majority", "الأغلبية";
    levels_above: "levels above", "مستويات فوق";
    manager_of_actor: "manager of whoever did", "مدير من أنجز";
    manager_of_assignee: "manager of the assignee", "مدير المكلف";
    manager_of_requester: "manager of the requester", "مدير مقدم الطلب";
    message: "message", "رسالة";
    minutes: "min", "د";
    not_waiting: "does not wait", "لا ينتظر";
    open: "Open", "مفتوح";
    otherwise: "else", "وإلا";
    person: "user", "المستخدم";
    raise: "escalation", "تصعيد";
    receive: "receive", "استقبال";
    rejected: "Rejected", "مرفوض";
    requester: "requester", "مقدم الطلب";
    role: "role", "الدور";
    rule: "business rule", "قاعدة عمل";
    seconds: "s", "ث";
    send: "sending", "إرسال";
    set: "set", "تعيين";
    step: "step", "خطوة";
    signal: "signal", "إشارة";
    skipped: "Skipped", "متخطى";
    split: "split", "تفرع";
    start: "start", "بداية";
    subprocess: "subprocess", "عملية فرعية";
    switch: "choice", "اختيار";
    task: "task", "مهمة";
    terminate: "end of everything", "نهاية كل شيء";
    timer: "timer", "مؤقت";
    undone_by: "undone by", "يتراجع عنه";
    wait: "wait", "انتظار";
    when_rejected: "when rejected", "عند الرفض";
    who_did: "who did", "من نفذ";
}

impl Words {
    /// The words for a reader of `locale`; English where there are no others.
    pub(super) fn of(locale: &str) -> &'static Self {
        match locale.split(['-', '_']).next() {
            Some("ar") => &ARABIC,
            _ => &ENGLISH,
        }
    }
}

/// A text in every language that has words.
pub(super) fn say(text: impl Fn(&Words) -> String) -> Text {
    let (english, arabic) = (text(&ENGLISH), text(&ARABIC));
    if english == arabic {
        return Text::Plain(english);
    }
    Text::Localized(BTreeMap::from([
        ("ar".to_owned(), arabic),
        ("en".to_owned(), english),
    ]))
}
