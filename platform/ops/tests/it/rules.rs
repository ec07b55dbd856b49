//! Rules that people write: tried first, put in force by a second person, and never changed behind the log.

use platform_ops::{RevisionState, WatchError};

use crate::house::{House, rule};

const ANN: &str = "0xa11";
const BEN: &str = "0xbe2";

/// The roof's rule as Ann would have it: with a threshold.
fn wetter() -> String {
    let (_, text) = rule("roof", "P3");
    let text = text.replace("version: 1", "version: 2").replace("vitals.roof > 0", "vitals.roof > 10");
    text.replace("{ roof: 1 }", "{ roof: 11 }")
}

fn said(error: &WatchError) -> String {
    error.to_string()
}

async fn open_alerts(house: &House) -> Vec<String> {
    let mut rules: Vec<_> =
        house.watch.alerts(true, 50).await.unwrap().into_iter().map(|kept| kept.alert.rule).collect();
    rules.sort();
    rules
}

#[tokio::test]
async fn a_rule_is_in_force_once_a_second_person_agreed() {
    let house = House::open().await;
    let revision = house.watch.propose_rule(&wetter(), "drips are no leaks", ANN).await.unwrap();
    assert_eq!(revision.state, RevisionState::Backtested);
    house.pass(&[("roof", 1)]).await;
    assert_eq!(open_alerts(&house).await, ["roof-leaks"], "what is only written is not asked");

    let shadow = house.watch.move_revision(revision.id, RevisionState::Shadow, ANN).await.unwrap().unwrap();
    house.pass(&[("roof", 11)]).await;
    let on_trial = format!("roof-leaks~{}", shadow.id);
    assert_eq!(open_alerts(&house).await, ["roof-leaks", &on_trial], "on trial it stands beside, and changes nothing");

    let own = house.watch.move_revision(revision.id, RevisionState::Active, ANN).await.unwrap_err();
    assert!(said(&own).contains("somebody else"), "{own}");
    house.watch.move_revision(revision.id, RevisionState::Active, BEN).await.unwrap().unwrap();
    assert_eq!(house.watch.rules().get("roof-leaks").unwrap().rule.version, 2);
    assert!(open_alerts(&house).await.contains(&"rule-changed".to_owned()), "that rules changed is told");

    // It stays so over a stop, and the log says who agreed.
    let house = house.again().await;
    let rules = house.watch.rules();
    assert_eq!(rules.get("roof-leaks").unwrap().rule.version, 2);
    assert!(rules.get(&on_trial).is_none());
    let log = house.watch.log(None).await.unwrap();
    let entry = log.iter().find(|entry| entry.kind == "rule").unwrap();
    assert_eq!(
        (entry.actor.as_str(), &entry.body["approved_by"], &entry.body["author"]),
        (BEN, &BEN.into(), &ANN.into())
    );

    house.watch.move_revision(revision.id, RevisionState::Retired, ANN).await.unwrap();
    assert_eq!(house.watch.rules().get("roof-leaks").unwrap().rule.version, 1, "the file counts again");
}

#[tokio::test]
async fn a_rule_is_paused_by_one_and_that_is_told() {
    let house = House::open().await;
    assert!(house.watch.pause_rule("no-such-rule", "why not", ANN).await.unwrap().is_none());
    assert!(house.watch.pause_rule("roof-leaks", "  ", ANN).await.is_err(), "a reason is wanted");
    let paused = house.watch.pause_rule("roof-leaks", "the roofers are here", ANN).await.unwrap().unwrap();
    house.pass(&[("roof", 1), ("cellar", 1)]).await;
    assert_eq!(open_alerts(&house).await, ["cellar-leaks", "rule-changed"]);
    assert!(house.watch.pause_rule("roof-leaks", "again", BEN).await.is_err(), "once is enough");
    house.watch.move_revision(paused.id, RevisionState::Retired, BEN).await.unwrap();
    house.pass(&[("roof", 1)]).await;
    assert!(open_alerts(&house).await.contains(&"roof-leaks".to_owned()));
}

#[tokio::test]
async fn what_could_not_be_asked_is_refused_with_its_fault() {
    let house = House::open().await;
    let faulty = [
        ("id: [", "the rule: "),
        (&wetter().replace("id: roof-leaks", "id: Roof leaks"), "small letters"),
        (&wetter().replace("version: 2", "version: 1"), "higher version"),
        (&wetter().replace("vitals.roof > 10", "vitals.roof >"), "the rule: "),
        (&wetter().replace("vitals.roof > 10", "tide > 10"), "not tide"),
        (&wetter().replace("vitals.roof > 10", "vitals.roof > 100"), "did not fire"),
        (&wetter().replace("runbook:", "response: { playbook: flee }\nrunbook:"), "no playbook called flee"),
        (
            &wetter().replace(
                "vitals.roof > 10",
                "true && [1].all(a, [1].all(b, [1].all(c, [1].all(d, vitals.roof > 10))))",
            ),
            "more than 3 times",
        ),
    ];
    for (text, fault) in faulty {
        let refused = house.watch.propose_rule(text, "because", ANN).await.unwrap_err();
        assert!(said(&refused).contains(fault), "{fault}: {refused}");
    }
    assert!(house.watch.revisions(10).await.unwrap().is_empty());
    let trial = house.watch.try_rule(&wetter().replace("> 10", "> 100"), None, None).await.unwrap();
    assert!(trial.backtest.is_none() && trial.tests.iter().any(|test| test.fault.is_some()));
}

#[tokio::test]
async fn a_revision_that_somebody_wrote_past_the_log_does_not_count() {
    let house = House::open().await;
    let revision = house.watch.propose_rule(&wetter(), "drips are no leaks", ANN).await.unwrap();
    house.watch.move_revision(revision.id, RevisionState::Active, BEN).await.unwrap();
    let blind = "UPDATE ops_rule SET body = REPLACE(body, 'vitals.roof > 10', 'vitals.roof > 99')";
    assert_eq!(house.store.execute(blind, vec![]).await.unwrap(), 1);
    let house = house.again().await;
    assert_eq!(house.watch.rules().get("roof-leaks").unwrap().rule.version, 1, "the file counts");
    house.pass(&[]).await;
    assert!(open_alerts(&house).await.contains(&"monitoring-blind".to_owned()));
}
