//! The mails that the samples' own code sends.

use signoff::actions::{Error, Source, Templates};

/// The built-in templates and those of the samples.
pub(super) fn templates() -> Result<Templates, Error> {
    let mut templates = Templates::new();
    templates.add(
        "hello_world",
        "en",
        source(
            "en",
            "Hello from a workflow",
            "somebody asked to send you this, and it was approved:",
            "{{ with.text }}",
        ),
    )?;
    templates.add(
        "shipment_reminder",
        "en",
        source(
            "en",
            "A shipment waits for its insurance",
            "a shipment cannot leave because it is not insured yet.",
            "Please insure it, or hand the task over to somebody who can.",
        ),
    )?;
    templates.add(
        "shipment_reminder",
        "ar",
        source(
            "ar",
            "شحنة بانتظار التأمين",
            "لا يمكن إرسال شحنة لأنها غير مؤمَّنة بعد.",
            "يرجى التأمين عليها أو تسليم المهمة إلى من يستطيع ذلك.",
        ),
    )?;
    Ok(templates)
}

fn source(locale: &str, subject: &str, first: &str, second: &str) -> Source {
    Source {
        subject: subject.to_owned(),
        html: format!(
            "{{% extends \"{locale}/base.html\" %}}{{% block content %}}<p>{first}</p>\
             <p style=\"white-space:pre-line\"><bdi>{second}</bdi></p>{{% endblock %}}"
        ),
        text: format!(
            "{{% extends \"{locale}/base.txt\" %}}{{% block content %}}\n{first}\n\n{second}\n{{% endblock %}}"
        ),
    }
}
