//! Every rule that ships fires, stays quiet and takes back as its fixtures say.

use platform_ops::{On, Step, playbooks, rules};

#[test]
fn every_rule_passes_its_own_tests() {
    let rules = rules(&[]).unwrap();
    assert!(rules.len() >= 15);
    for rule in &rules {
        for test in &rule.rule.tests {
            if let Err(fault) = test.run(rule) {
                panic!("{}: {}: {fault}", rule.rule.id, test.shows);
            }
        }
    }
}

/// A fixture that can't fail shows nothing: turned round, each must.
#[test]
fn a_rule_that_says_the_opposite_fails_its_tests() {
    for rule in rules(&[]).unwrap() {
        let file = std::fs::read_to_string(format!("../../rules/{}.yaml", rule.rule.id)).unwrap();
        let opposite: String = if file.contains("expr: >-") {
            file.replacen("expr: >-\n", "expr: >-\n  !(", 1).replacen("\nresponse:", ")\nresponse:", 1)
        } else {
            let line = file.lines().find(|line| line.starts_with("expr:")).unwrap();
            let expr = line["expr:".len()..].trim().trim_matches('"');
            file.replacen(line, &format!("expr: '!({})'", expr.replace('\'', "''")), 1)
        };
        let own = [("opposite.yaml".to_owned(), opposite)];
        let turned = rules_of(&own, &rule.rule.id);
        assert!(
            turned.rule.tests.iter().all(|test| test.run(&turned).is_err()),
            "{}: a test passes that should not",
            rule.rule.id
        );
    }
}

fn rules_of(own: &[(String, String)], id: &str) -> platform_ops::Compiled {
    rules(own).unwrap().into_iter().find(|rule| rule.rule.id == id).unwrap()
}

#[test]
fn responses_name_playbooks_and_all_their_parameters() {
    let playbooks = playbooks().unwrap();
    for rule in rules(&[]).unwrap() {
        let Some(response) = &rule.rule.response else { continue };
        let playbook = playbooks.iter().find(|playbook| playbook.id == response.playbook).unwrap();
        let given: Vec<_> = response.with.keys().cloned().collect();
        let mut wanted = playbook.parameters.clone();
        wanted.sort();
        assert_eq!(given, wanted, "{}", rule.rule.id);
        if matches!(rule.rule.on, On::Time) {
            // No block shows what it saw: what it does ends by itself and can be taken back.
            let ends = |step: &Step| match step {
                Step::Hold(_) => true,
                Step::Block(_) => playbook.expires.is_some(),
                Step::Transaction(step) => playbook.expires.is_some() && step.undo.is_some(),
                Step::Statement(_) => false,
            };
            assert!(playbook.steps.iter().all(ends), "{}", rule.rule.id);
        }
    }
}

#[test]
fn a_rule_that_cannot_be_used_says_why() {
    let good = std::fs::read_to_string("../../rules/escrow-short.yaml").unwrap();
    for (from, to, why) in [
        ("expr: less(reads.held, reads.owed)", "expr: less(reads.held", "less(reads.held"),
        ("expr: less(reads.held, reads.owed)", "expr: nonsense > 3", "not nonsense"),
        ("severity: P1", "severity: P9", "P9"),
        ("version: 1\n", "version: 1\ncolour: red\n", "colour"),
        ("- expect: reorg", "- expect: quiet", "no reorg test"),
        ("zh: 市场持有的钱少于应付的钱", "zh: ''", "both languages"),
    ] {
        assert!(good.contains(from), "{from}");
        let error = rules(&[("own.yaml".to_owned(), good.replacen(from, to, 1))]).unwrap_err().to_string();
        assert!(error.contains("own.yaml") && error.contains(why), "{error}");
    }
}
