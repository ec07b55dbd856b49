//! What the tables of arbitration are asked. Rows stay in here; views come out.

use alloy_primitives::{Address, B256, U256};
use platform_api::calendar::rfc3339;
use platform_api::{Cursor, Limit, Page, Problem};
use platform_index::{BlockTag, Row, Store, Value};
use platform_protocol::contracts::ArbiterPanel;

use super::evidence::hash_in;
use super::model::{ARBITER, Arbiter, CASE, Case, Phase, ROUND, Round, SEAT, Seat, seed};
use super::steps::{self, Action, Actor};
use super::view::{
    ArbiterDetailView, ArbiterQuery, ArbiterState, ArbiterView, CaseCard, CaseQuery, CaseView, EntryView, EvidenceCard,
    RoundView, SeatView, SecretView, SettingsView, StepView,
};
use crate::context::Context;
use crate::money::Token;
use crate::wire::{address_or_none, show};

const COIN: Address = Address::ZERO;
const PANEL_SIZE: u8 = 3;
const APPEAL_SIZE: u8 = 7;

/// A house from before there were arbiters has none.
pub(super) fn panel(app: &Context) -> Result<Address, Problem> {
    let panel = app.manifest.arbiter_panel.as_ref().map(|panel| panel.address);
    panel.ok_or_else(|| Problem::not_found("panel of arbiters in this house; run `guildhall upgrade`"))
}

async fn setting(app: &Context, name: &str) -> Result<U256, Problem> {
    let row = app.store.row("SELECT value FROM arbitration_setting WHERE name = $1", vec![name.into()]).await?;
    Ok(row.map(|row| row.amount(0)).transpose()?.unwrap_or_default())
}

/// What is staked: the guild's own token.
async fn stake_token(app: &Context) -> Result<Token, Problem> {
    app.token(app.manifest.guild_token.address).await
}

pub(super) async fn settings(app: &Context) -> Result<SettingsView, Problem> {
    let panel = panel(app)?;
    let (token, coin) = (stake_token(app).await?, app.token(COIN).await?);
    let active =
        "SELECT COUNT(*) FROM arbitration_arbiter WHERE certified = 1 AND stake <> '0' AND withdrawable_at = 0";
    Ok(SettingsView {
        panel: show(panel),
        stake_min: token.money(setting(app, "stake_min").await?),
        slice: token.money(setting(app, "slice").await?),
        stake_token: token.view(),
        floor: coin.money(setting(app, "floor").await?),
        price_bps: setting(app, "price_bps").await?.saturating_to(),
        active: app.store.int(active, vec![]).await?.unsigned_abs(),
        panel_size: PANEL_SIZE,
        appeal_size: APPEAL_SIZE,
    })
}

fn columns(table: &platform_index::Table, alias: &str) -> String {
    table.columns.iter().map(|column| format!("{alias}.{}", column.name)).collect::<Vec<_>>().join(", ")
}

pub(super) async fn arbiters(app: &Context, query: &ArbiterQuery) -> Result<Page<ArbiterView>, Problem> {
    panel(app)?;
    let limit = Limit::of(query.limit);
    let mut args: Vec<Value> = vec![limit.rows().into()];
    let mut conditions = Vec::new();
    if let Some(certified) = query.certified {
        args.push(certified.into());
        conditions.push(format!("a.certified = ${}", args.len()));
    }
    if let Some(text) = query.cursor.as_deref().filter(|text| !text.is_empty()) {
        let cursor = Cursor::decode(text, 2)?;
        let account = address_or_none(Some(&cursor.0[1]))?;
        args.push(cursor.int(0)?.into());
        args.push(account.into());
        conditions.push(format!("(a.joined_at, a.account) > (${}, ${})", args.len() - 1, args.len()));
    }
    let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    let sql = format!(
        "SELECT {} FROM arbitration_arbiter a{filter} ORDER BY a.joined_at, a.account LIMIT $1",
        columns(&ARBITER, "a")
    );
    let rows = app.store.rows(&sql, args).await?;
    let found = rows.iter().map(Arbiter::read).collect::<Result<Vec<_>, _>>()?;
    let page = Page::cut(found, limit, |arbiter| Cursor(vec![arbiter.joined_at.to_string(), show(arbiter.account)]));
    let terms = Terms::of(app).await?;
    Ok(page.map(|arbiter| terms.arbiter(app, &arbiter)))
}

/// What every arbiter's figures are told in.
struct Terms {
    token: Token,
    coin: Token,
    slice: U256,
}

impl Terms {
    async fn of(app: &Context) -> Result<Self, Problem> {
        let slice = setting(app, "slice").await?;
        Ok(Self { token: stake_token(app).await?, coin: app.token(COIN).await?, slice })
    }

    fn arbiter(&self, app: &Context, arbiter: &Arbiter) -> ArbiterView {
        let state = if arbiter.withdrawable_at > 0 {
            ArbiterState::Leaving
        } else if !arbiter.certified {
            ArbiterState::Uncertified
        } else if arbiter.stake.is_zero() {
            ArbiterState::Invited
        } else {
            ArbiterState::Active
        };
        let instant = |at: u64| (at > 0).then(|| rfc3339(at));
        ArbiterView {
            party: app.party(arbiter.account),
            state,
            certified: arbiter.certified,
            stake: self.token.money(arbiter.stake),
            locked: self.token.money(self.slice.saturating_mul(U256::from(arbiter.engagements))),
            since: instant(arbiter.joined_at).filter(|_| state == ArbiterState::Active),
            withdrawable_at: instant(arbiter.withdrawable_at),
            engagements: arbiter.engagements,
            seats: arbiter.seats,
            votes: arbiter.votes,
            rewarded: arbiter.rewarded,
            slashed: arbiter.slashed,
            earned: self.coin.money(arbiter.earned),
            lost: self.token.money(arbiter.lost),
        }
    }
}

/// An arbiter; somebody nobody ever certified is answered too, as such.
pub(super) async fn arbiter(app: &Context, account: Address) -> Result<ArbiterDetailView, Problem> {
    let panel = panel(app)?;
    let sql = format!("SELECT {} FROM arbitration_arbiter a WHERE a.account = $1", columns(&ARBITER, "a"));
    let row = app.store.row(&sql, vec![account.into()]).await?;
    let known = row.map(|row| Arbiter::read(&row)).transpose()?;
    let arbiter = known.unwrap_or_else(|| Arbiter { account, ..Arbiter::default() });
    let terms = Terms::of(app).await?;
    let fees = app.ask(panel, ArbiterPanel::feesOfCall { account }).await?.unwrap_or_default();
    let balance = app.balance(terms.token.address, account, BlockTag::Latest).await?;
    Ok(ArbiterDetailView {
        arbiter: terms.arbiter(app, &arbiter),
        fees: terms.coin.money(fees),
        balance: terms.token.money(balance),
    })
}

fn case_select() -> String {
    format!(
        "SELECT {}, {} FROM arbitration_case c \
         JOIN arbitration_round r ON r.dispute_id = c.dispute_id AND r.round = c.round",
        columns(&CASE, "c"),
        columns(&ROUND, "r")
    )
}

/// A case with its newest round.
fn read(row: &Row) -> Result<(Case, Round), Problem> {
    let all: Vec<_> = CASE.columns.iter().chain(ROUND.columns).copied().collect();
    let values = row.values(&all)?;
    let (case, round) = values.split_at(CASE.columns.len());
    Ok((Case::of(case)?, Round::of(round)?))
}

pub(super) async fn cases(app: &Context, query: &CaseQuery) -> Result<Page<CaseCard>, Problem> {
    panel(app)?;
    let limit = Limit::of(query.limit);
    let mut args: Vec<Value> = vec![limit.rows().into()];
    let mut conditions = Vec::new();
    let phases = phases(query.phase.as_deref())?;
    if !phases.is_empty() {
        let list: Vec<String> = phases.iter().map(|phase| phase.number().to_string()).collect();
        conditions.push(format!("c.phase IN ({})", list.join(", ")));
    }
    if let Some(account) = address_or_none(query.arbiter.as_deref())? {
        args.push(account.into());
        let place = args.len();
        conditions.push(format!(
            "(c.dispute_id IN (SELECT dispute_id FROM arbitration_seat WHERE account = ${place}) \
             OR c.dispute_id IN (SELECT dispute_id FROM arbitration_seed WHERE account = ${place}))"
        ));
    }
    if let Some(account) = address_or_none(query.participant.as_deref())? {
        args.push(account.into());
        conditions.push(format!("(c.first_party = ${0} OR c.second_party = ${0})", args.len()));
    }
    if let Some(order) = query.order {
        args.push(order.into());
        conditions.push(format!("c.order_id = ${}", args.len()));
    }
    if let Some(text) = query.cursor.as_deref().filter(|text| !text.is_empty()) {
        args.push(Cursor::decode(text, 1)?.int(0)?.into());
        conditions.push(format!("c.dispute_id < ${}", args.len()));
    }
    let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    let sql = format!("{}{filter} ORDER BY c.dispute_id DESC LIMIT $1", case_select());
    let rows = app.store.rows(&sql, args).await?;
    let found = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let page = Page::cut(found, limit, |(case, _)| Cursor(vec![case.id.to_string()]));
    let coin = app.token(COIN).await?;
    Ok(page.map(|(case, round)| card(app, &coin, &case, &round)))
}

fn phases(text: Option<&str>) -> Result<Vec<Phase>, Problem> {
    let mut wanted = Vec::new();
    for word in text.unwrap_or_default().split(',').filter(|word| !word.is_empty()) {
        if word == "open" {
            wanted.extend([Phase::Evidence, Phase::Voting, Phase::Appealable]);
            continue;
        }
        let known = Phase::ALL.into_iter().find(|phase| phase.word() == word);
        wanted.push(known.ok_or_else(|| {
            let all: Vec<&str> = Phase::ALL.iter().map(|phase| phase.word()).collect();
            Problem::invalid(format!("There is no phase {word:?}. There are: open, {}.", all.join(", ")))
        })?);
    }
    Ok(wanted)
}

/// For whom a case is decided, or what a vote is for. The market's first party is the buyer.
fn side(number: i64) -> String {
    match number {
        1 => "buyer",
        2 => "seller",
        _ => "split",
    }
    .to_owned()
}

fn deadline(case: &Case, round: &Round) -> Option<u64> {
    match case.phase {
        Phase::Evidence => Some(round.evidence_by),
        Phase::Voting if round.committed >= round.size => Some(round.reveal_by),
        Phase::Voting => Some(round.commit_by),
        Phase::Appealable => Some(case.appeal_by),
        Phase::Solved | Phase::Failed => None,
    }
}

fn card(app: &Context, coin: &Token, case: &Case, round: &Round) -> CaseCard {
    let decided = matches!(case.phase, Phase::Appealable | Phase::Solved) || case.round > 0;
    CaseCard {
        id: case.id.to_string(),
        order_id: case.order_id.map(|order| order.to_string()),
        phase: case.phase,
        round: case.round + 1,
        panel_size: round.size,
        first_party: app.party(case.first_party),
        second_party: app.party(case.second_party),
        opened_at: rfc3339(case.opened_at),
        updated_at: rfc3339(case.updated_at),
        deadline: deadline(case, round).map(rfc3339),
        ruling: decided.then(|| side(case.ruling.into())),
        fee: coin.money(round.fee),
        next: steps::next(case, round).iter().map(step_view).collect(),
    }
}

fn step_view(step: &steps::Step) -> StepView {
    StepView {
        action: step.action,
        who: step.who,
        available_at: rfc3339(step.available_at),
        until: step.until.map(rfc3339),
    }
}

pub(super) async fn case(app: &Context, id: u64) -> Result<CaseView, Problem> {
    panel(app)?;
    let sql = format!("{} WHERE c.dispute_id = $1", case_select());
    let row = app.store.row(&sql, vec![id.into()]).await?.ok_or_else(|| Problem::not_found(format!("case {id}")))?;
    let (case, newest) = read(&row)?;
    let terms = Terms::of(app).await?;
    let mut rounds = Vec::new();
    let sql =
        format!("SELECT {} FROM arbitration_round r WHERE r.dispute_id = $1 ORDER BY r.round", columns(&ROUND, "r"));
    for row in app.store.rows(&sql, vec![id.into()]).await? {
        rounds.push(round_view(app, &terms, &Round::read(&row)?).await?);
    }
    let evidence = match case.order_id {
        Some(order) => evidence(app, order).await?,
        None => Vec::new(),
    };
    Ok(CaseView {
        card: card(app, &terms.coin, &case, &newest),
        rounds,
        evidence,
        timeline: timeline(app, id).await?,
        refund: (!case.refund.is_zero()).then(|| terms.coin.money(case.refund)),
    })
}

async fn round_view(app: &Context, terms: &Terms, round: &Round) -> Result<RoundView, Problem> {
    let key = || vec![round.case.into(), u32::from(round.number).into()];
    let sql = format!(
        "SELECT {} FROM arbitration_seat s WHERE s.dispute_id = $1 AND s.round = $2 ORDER BY s.place",
        columns(&SEAT, "s")
    );
    let rows = app.store.rows(&sql, key()).await?;
    let seats = rows.iter().map(|row| Ok(seat_view(app, terms, &Seat::read(row)?))).collect::<Result<_, Problem>>()?;
    let sql = "SELECT account, state FROM arbitration_seed WHERE dispute_id = $1 AND round = $2 ORDER BY at, account";
    let mut secrets = Vec::new();
    for row in app.store.rows(sql, key()).await? {
        let state = match row.int(1)? {
            seed::COMMITTED => "sealed",
            seed::OPENED => "opened",
            _ => "forfeited",
        };
        secrets.push(SecretView { arbiter: app.party(row.address(0)?), state: state.to_owned() });
    }
    let drawn = |at: u64| (round.drawn_at > 0).then(|| rfc3339(at));
    Ok(RoundView {
        round: round.number + 1,
        size: round.size,
        fee: terms.coin.money(round.fee),
        opened_at: rfc3339(round.opened_at),
        secrets_by: rfc3339(round.seed_by),
        evidence_by: rfc3339(round.evidence_by),
        beacon: round.beacon,
        drawn_at: drawn(round.drawn_at),
        commit_by: drawn(round.commit_by),
        reveal_by: drawn(round.reveal_by),
        ruling: round.ruling.map(side),
        tied: round.tied,
        failed: round.failed,
        seats,
        secrets,
    })
}

fn seat_view(app: &Context, terms: &Terms, seat: &Seat) -> SeatView {
    let instant = |at: u64| (at > 0).then(|| rfc3339(at));
    SeatView {
        arbiter: app.party(seat.account),
        committed_at: instant(seat.committed_at),
        commit_tx: seat.commit_tx.map(|hash| hash.to_string()),
        revealed_at: instant(seat.revealed_at),
        choice: seat.choice.map(side),
        reward: (seat.paid && seat.lost.is_zero()).then(|| terms.coin.money(seat.reward)),
        lost: (!seat.lost.is_zero()).then(|| terms.token.money(seat.lost)),
    }
}

/// Evidence of an order, the oldest first.
pub(super) async fn evidence(app: &Context, order: i64) -> Result<Vec<EvidenceCard>, Problem> {
    panel(app)?;
    let sql = "SELECT at, tx_hash, party, uri FROM arbitration_evidence WHERE order_id = $1 \
               ORDER BY block_number, log_index LIMIT 200";
    let rows = app.store.rows(sql, vec![order.into()]).await?;
    rows.iter()
        .map(|row| {
            let uri = row.text(3)?;
            Ok(EvidenceCard {
                by: app.party(row.address(2)?),
                at: rfc3339(row.number(0)?),
                hash: hash_in(&uri).map(|hash| hash.to_string()),
                uri,
                tx_hash: row.hash(1)?.to_string(),
            })
        })
        .collect()
}

async fn timeline(app: &Context, id: u64) -> Result<Vec<EntryView>, Problem> {
    let sql = "SELECT at, tx_hash, sender, topics, data FROM arbitration_event WHERE dispute_id = $1 \
               ORDER BY block_number, log_index";
    let mut timeline = Vec::new();
    for row in app.store.rows(sql, vec![id.into()]).await? {
        let topics: Vec<B256> = row.blob(3)?.chunks_exact(32).map(B256::from_slice).collect();
        let event = app.decoder.event(panel(app)?, &topics, &row.blob(4)?);
        let (name, args) = event.map_or_else(Default::default, |event| (event.event, event.args));
        timeline.push(EntryView {
            event: name,
            at: rfc3339(row.number(0)?),
            by: app.party(row.address(2)?),
            tx_hash: row.hash(1)?.to_string(),
            data: args.into_iter().map(|argument| (argument.name, argument.value)).collect(),
        });
    }
    Ok(timeline)
}

/// Whether an account sits, or sat, on a panel in the case of an order.
pub(super) async fn sits_in(app: &Context, order: u64, account: Address) -> Result<bool, Problem> {
    let sql = "SELECT COUNT(*) FROM arbitration_seat s JOIN arbitration_case c ON c.dispute_id = s.dispute_id \
               WHERE c.order_id = $1 AND s.account = $2";
    Ok(app.store.int(sql, vec![order.into(), account.into()]).await? > 0)
}

/// A turn that anyone may take now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Step { case: u64, order: Option<u64>, action: Action },
    Forfeit { case: u64, round: u8, account: Address },
}

/// What anyone may do with cases at `now`, the oldest case first.
pub(super) async fn due(store: &Store, now: u64, most: usize) -> Result<Vec<Due>, Problem> {
    let sql = format!(
        "{} WHERE c.phase IN (1, 2, 3) OR (c.phase = 4 AND c.taken = 0 AND c.order_ended = 0) \
         OR (c.refund <> '0' AND c.order_ended = 1) ORDER BY c.dispute_id",
        case_select()
    );
    let mut due = Vec::new();
    for row in store.rows(&sql, vec![]).await? {
        let (case, round) = read(&row)?;
        let order = case.order_id.and_then(|order| u64::try_from(order).ok());
        let ready = |step: &steps::Step| step.who == Actor::Anyone && step.available_at <= now;
        let steps = steps::next(&case, &round).into_iter().filter(ready);
        due.extend(steps.map(|step| Due::Step { case: case.id, order, action: step.action }));
    }
    let sql = format!(
        "SELECT s.dispute_id, s.round, s.account FROM arbitration_seed s JOIN arbitration_round r \
         ON r.dispute_id = s.dispute_id AND r.round = s.round \
         WHERE s.state = {} AND r.evidence_by < $1 ORDER BY s.dispute_id",
        seed::COMMITTED
    );
    for row in store.rows(&sql, vec![now.into()]).await? {
        let round = u8::try_from(row.int(1)?).unwrap_or(u8::MAX);
        due.push(Due::Forfeit { case: row.number(0)?, round, account: row.address(2)? });
    }
    due.truncate(most);
    Ok(due)
}
