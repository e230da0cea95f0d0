//! Messages: how long the id of one is known.

use signoff::{Message, Sent};

use crate::world::World;

const BILL: &str = "
format: signoff/v1
kind: flow
key: bill
nodes:
  start: {start: {}, next: paid}
  paid: {receive: {message: paid}, next: end}
  end: {end: {}}
";

const DAY: i64 = 24 * 3_600;

#[tokio::test]
async fn the_id_of_a_message_is_known_for_seven_days_after_it_was_taken() {
    let world = World::new(&[BILL]).await;
    let first = world.start("bill", "ann").await.id();
    let paid = || world.engine.send(Message::new("paid").id("bank-1"));
    assert_eq!(paid().await.unwrap(), Sent::Delivered(first));
    let second = world.start("bill", "ann").await.id();
    world.after(0).await;
    world.after(7 * DAY).await;
    assert_eq!(paid().await.unwrap(), Sent::Duplicate);
    world.after(3_600).await;
    assert_eq!(paid().await.unwrap(), Sent::Delivered(second));
}

#[tokio::test]
async fn a_message_that_nobody_takes_is_kept_until_seven_days_after_it_expired() {
    let world = World::new(&[BILL]).await;
    let send = |id: &str, seconds: Option<i64>| {
        let message = Message::new("paid").id(id);
        let now = signoff::Clock::now(&*world.clock);
        let message = match seconds {
            Some(seconds) => message.expires_at(now + jiff::SignedDuration::from_secs(seconds)),
            None => message,
        };
        world.engine.send(message)
    };
    assert_eq!(send("short", Some(60)).await.unwrap(), Sent::Kept);
    assert_eq!(send("long", None).await.unwrap(), Sent::Kept);
    world.after(0).await;
    world.after(30 * DAY).await;
    let store = world.engine.store();
    let short = store.message(&world.tenant, &"short".into()).await.unwrap();
    assert_eq!(short, None);
    let long = world.start("bill", "ann").await.id();
    world.after(0).await;
    assert_eq!(world.status(long).await, "completed");
}
