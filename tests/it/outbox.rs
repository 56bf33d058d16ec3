//! Mail: written with the act, delivered at least once, never for an act that did not happen.

mod killed;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, Utc};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use yichuang::adapters::AdapterError;
use yichuang::adapters::mail::{Mail, OutgoingMail};
use yichuang::domain::action::Action;
use yichuang::domain::actor::{Actor, Grant, Scope};
use yichuang::domain::event::Channel;
use yichuang::domain::lifecycle::Role;
use yichuang::domain::refusal::Refusal;
use yichuang::domain::region::Region;
use yichuang::storage::{outbox, queue};
use yichuang::usecases::acting::Act;
use yichuang::usecases::{Failure, Office, Outside};

use crate::story;
use crate::world::papers::another_child;
use crate::world::people::Person;
use crate::world::{LINKOU, World, opening};

/// The letters in the folder, by their file name.
fn letters(world: &World) -> BTreeMap<String, String> {
    let Ok(files) = std::fs::read_dir(world.folder().join("mail")) else { return BTreeMap::new() };
    files
        .map(|file| file.unwrap().path())
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// How a mail server behaves today.
type Mood = Box<dyn Fn(&OutgoingMail) -> Result<(), AdapterError> + Send + Sync>;

/// A mail server that writes down what it was asked, and when.
struct MoodyMail {
    asked: Mutex<Vec<(DateTime<Utc>, String)>>,
    now: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    mood: Mood,
}

impl Mail for MoodyMail {
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> BoxFuture<'a, Result<(), AdapterError>> {
        Box::pin(async move {
            self.asked.lock().unwrap().push(((self.now)(), mail.message_id.clone()));
            (self.mood)(mail)
        })
    }
}

/// The same office with another mail server.
fn with_mail(world: &World, mood: Mood) -> (Office, Arc<MoodyMail>) {
    let own = world.office();
    let clock = own.outside().clock.clone();
    let mail = Arc::new(MoodyMail { asked: Mutex::default(), now: Box::new(move || clock.now()), mood });
    let outside = Outside { mail: mail.clone(), ..own.outside().clone() };
    (Office::new(own.db().clone(), outside, own.knowledge().clone(), own.rules().clone()), mail)
}

async fn accepted(world: &World) -> (Person, Person, Value) {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    let case = clerk.accepts(&case).await;
    (resident, clerk, case)
}

story!(each_act_is_one_letter, world, {
    let (_, clerk, case) = accepted(&world).await;
    assert!(letters(&world).is_empty(), "sent before its time");
    assert_eq!(world.office().deliver_mail().await.unwrap(), 1);
    let first = letters(&world);
    assert_eq!(first.len(), 1);
    for (name, text) in &first {
        assert!(text.contains("To: xiuying@example.org\r\n"), "{text}");
        assert!(text.contains(&format!("Message-ID: <{}@", name.trim_end_matches(".eml"))), "{text}");
    }
    assert_eq!(world.office().deliver_mail().await.unwrap(), 0);
    clerk.approves(&case).await;
    assert_eq!(world.office().deliver_mail().await.unwrap(), 1);
    let second = letters(&world);
    assert_eq!(second.len(), 2);
    assert!(first.iter().all(|(name, text)| second[name] == *text));
    assert_eq!(world.office().outbox_figures().await.unwrap(), (0, 0));
});

story!(deliverers_side_by_side_send_each_letter_once, world, {
    let (_, clerk, _) = accepted(&world).await;
    let resident = world.resident("linju", "林邻居", "350582199203070010", "13805950088").await;
    for child in 0..24 {
        let case = resident.submits(&another_child(&world.form("birth_registration"), child)).await;
        clerk.accepts(&case).await;
    }
    let (office, mail) = with_mail(&world, Box::new(|_| Ok(())));
    let rounds = futures_util::future::join_all((0..6).map(|_| office.deliver_mail())).await;
    assert_eq!(rounds.into_iter().map(Result::unwrap).sum::<usize>(), 25);
    let mut asked: Vec<String> = mail.asked.lock().unwrap().iter().map(|(_, id)| id.clone()).collect();
    asked.sort();
    asked.dedup();
    assert_eq!((asked.len(), mail.asked.lock().unwrap().len()), (25, 25));
});

story!(a_dead_mail_server_is_tried_again_ever_more_slowly, world, {
    accepted(&world).await;
    let unreachable = Box::new(|_: &OutgoingMail| Err(AdapterError::Unreachable("no route".to_owned())));
    let (office, mail) = with_mail(&world, unreachable);
    let minutes = |count: i64| Duration::minutes(count);
    while office.outbox_figures().await.unwrap() != (0, 1) {
        assert_eq!(office.deliver_mail().await.unwrap(), 0);
        assert!(office.now() - opening() < Duration::hours(80), "never given up");
        world.later(minutes(1));
    }
    let asked = mail.asked.lock().unwrap().clone();
    assert!(asked.iter().all(|(_, id)| *id == asked[0].1), "each try is the same letter");
    let pauses: Vec<Duration> = asked.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    let growing = [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360].map(minutes);
    assert_eq!(pauses[..growing.len()], growing);
    let given_up = asked.last().unwrap().0 - opening();
    assert!(given_up >= Duration::hours(72) && given_up < Duration::hours(78), "{given_up}");
    // It stays visible, with its reason, and is not tried again.
    let dead = office.db().read(|conn| outbox::dead(conn, 10).map_err(Failure::from)).await.unwrap();
    assert_eq!(
        (dead.len(), dead[0].1.as_str(), dead[0].0.id.to_string()),
        (1, "no route", asked[0].1.clone())
    );
    world.later(Duration::days(2));
    office.deliver_mail().await.unwrap();
    assert_eq!(mail.asked.lock().unwrap().len(), asked.len());
    let metrics =
        world.client().get(format!("{}/metrics", world.base())).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("yichuang_outbox_dead 1\n"), "{metrics}");
});

story!(one_bad_address_does_not_hold_up_the_others, world, {
    let (_, clerk, _) = accepted(&world).await;
    let other = world.resident("linju", "林邻居", "350582199203070010", "13805950088").await;
    let case = other.submits(&world.form("birth_registration")).await;
    clerk.accepts(&case).await;
    let picky = Box::new(|mail: &OutgoingMail| match mail.to.as_str() {
        "linju@example.org" => Ok(()),
        _ => Err(AdapterError::Rejected { reason: "no such mailbox".to_owned() }),
    });
    let (office, _) = with_mail(&world, picky);
    assert_eq!(office.deliver_mail().await.unwrap(), 1);
    // A refusal is final at once: the same letter would be refused again.
    assert_eq!(office.outbox_figures().await.unwrap(), (0, 1));
});

story!(an_act_that_is_taken_back_tells_nobody, world, {
    let resident = world.xiuying().await;
    let case = resident.submits(&world.form("birth_registration")).await;
    let (office, mail) = with_mail(&world, Box::new(|_| Ok(())));
    let inbox = resident.inbox().await.len();
    let grants = vec![Grant { role: Role::Clerk, scope: Scope::Region(Region::parse(LINKOU).unwrap()) }];
    let actor = Actor {
        id: yichuang::adapters::clock::new_id(opening()),
        name: "窗口".to_owned(),
        grants,
        assurance: Default::default(),
    };
    let application = case["id"].as_str().unwrap().parse().unwrap();
    let act = Act {
        actor,
        application,
        seen: Some(1),
        action: Action::Accept {},
        channel: Some(Channel::Counter),
        receipt_no: None,
        query_code: None,
        acted_at: None,
    };
    let acting = office.clone();
    let undone: Result<(), Failure> = office
        .db()
        .write(move |conn| {
            // Done completely, its mail written, and then something after it fails.
            acting.perform(conn, &act)?;
            queue::hold(conn, application, None)?;
            Err(Refusal::conflict("changed_mind", "算了。", "Never mind.").into())
        })
        .await;
    assert!(undone.is_err());
    assert_eq!(office.outbox_figures().await.unwrap(), (0, 0));
    assert_eq!(office.deliver_mail().await.unwrap(), 0);
    world.later(Duration::hours(1));
    world.office().deliver_mail().await.unwrap();
    assert!(mail.asked.lock().unwrap().is_empty() && letters(&world).is_empty());
    let resident = world.xiuying().await;
    assert_eq!(resident.inbox().await.len(), inbox);
    assert_eq!(resident.sees(case["id"].as_str().unwrap()).await["status"], "submitted");
    // Refused acts tell nobody either.
    resident.tries(&case, json!({"action": "accept"})).await.refused(409, "wrong_status");
    assert_eq!(office.outbox_figures().await.unwrap(), (0, 0));
});

story!(a_deliverer_that_dies_leaves_the_letter_to_the_next, world, {
    accepted(&world).await;
    let (office, mail) = with_mail(&world, Box::new(|_| Ok(())));
    let now = office.now();
    let take = move |conn: &mut yichuang::storage::Conn| {
        outbox::take(conn, now, now + Duration::minutes(2), 50).map_err(Failure::from)
    };
    let taken = office.db().write(take).await.unwrap();
    assert_eq!((taken.len(), taken[0].attempts), (1, 1));
    // The one who took it is dead, perhaps after it was sent; nobody knows. Others wait for its lease.
    assert_eq!(office.deliver_mail().await.unwrap(), 0);
    world.later(Duration::seconds(119));
    assert_eq!(office.deliver_mail().await.unwrap(), 0);
    world.later(Duration::seconds(1));
    assert_eq!(office.deliver_mail().await.unwrap(), 1);
    let asked = mail.asked.lock().unwrap().clone();
    assert_eq!(asked.iter().map(|(_, id)| id.clone()).collect::<Vec<_>>(), [taken[0].id.to_string()]);
    assert_eq!(office.outbox_figures().await.unwrap(), (0, 0));
});
