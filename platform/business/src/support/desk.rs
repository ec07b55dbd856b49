//! Tickets: who may see which, what is said in them, and where they go.

use alloy_primitives::Address;
use platform_api::{Cursor, Limit, Page, Problem, Session, calendar};
use platform_index::{Row, StoreError, Value};

use super::hours::Hours;
use super::model::{MESSAGE, SETTING, State, TICKET};
use super::view::{
    FiguresView, HoursView, MessageAsked, MessageView, TicketAsked, TicketCard, TicketQuery, TicketView,
};
use crate::context::Context;
use crate::sales;

pub(super) const STAFF: &str = "operator";
const TOPICS: [&str; 6] = ["delivery", "refund", "quality", "payment", "account", "other"];
const SUBJECT_MAX: usize = 120;
const BODY_MAX: usize = 4_000;
const MESSAGES_MAX: i64 = 500;
/// Tickets a person may open in a day.
const TICKETS_A_DAY: i64 = 20;
const DAY: u64 = 86_400;
/// Solved tickets are closed when nobody has said anything for so long.
const QUIET_SECONDS: u64 = 7 * DAY;

pub(super) fn is_staff(session: &Session) -> bool {
    session.require(STAFF).is_ok()
}

pub(super) async fn hours(app: &Context) -> Result<Hours, Problem> {
    let row = app.store.row("SELECT value FROM support_setting WHERE name = 'hours'", vec![]).await?;
    let kept = row.map(|row| row.text(0)).transpose()?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

pub(super) async fn hours_now(app: &Context) -> Result<HoursView, Problem> {
    let hours = hours(app).await?;
    Ok(HoursView { answer_by: calendar::rfc3339(hours.answer_by(app.now())), hours })
}

pub(super) async fn set_hours(app: &Context, hours: &Hours) -> Result<(), Problem> {
    if !hours.is_sound() {
        let detail =
            "Hours need seven days with one open at least, an opening before the closing, and 1 to 14400 minutes.";
        return Err(Problem::invalid(detail));
    }
    let text = serde_json::to_string(hours).map_err(|error| Problem::internal(&error))?;
    Ok(app.store.put(&SETTING, vec!["hours".into(), 0_i64.into(), text.into()]).await?)
}

pub(super) fn within(what: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Problem::invalid(format!("{what} is empty."))),
        found if found > most => Err(Problem::invalid(format!("{what} has {found} characters, {most} is the most."))),
        _ => Ok(text.to_owned()),
    }
}

/// Opens a ticket and gives its number.
pub(super) async fn open(app: &Context, session: &Session, asked: &TicketAsked) -> Result<u64, Problem> {
    let subject = within("The subject", &asked.subject, SUBJECT_MAX)?;
    let body = within("The question", &asked.body, BODY_MAX)?;
    if !TOPICS.contains(&asked.topic.as_str()) {
        return Err(Problem::invalid(format!("{:?} is no topic: there are {}.", asked.topic, TOPICS.join(", "))));
    }
    if !["en", "zh"].contains(&asked.language.as_str()) {
        return Err(Problem::invalid(format!(
            "{:?} is no language to answer in: there are en and zh.",
            asked.language
        )));
    }
    let order = order_of(app, session.address, asked.order_id.as_deref()).await?;
    let item = asked.item.as_deref().unwrap_or_default().trim().to_owned();
    if item.chars().count() > 200 || !(item.is_empty() || item.starts_with("/01/")) {
        return Err(Problem::invalid("An item is named by its Digital Link, such as /01/06901234056785."));
    }
    let now = app.now();
    let recent = "SELECT COUNT(*) FROM support_ticket WHERE opener = $1 AND created_at > $2";
    if app.store.int(recent, vec![session.address.into(), now.saturating_sub(DAY).into()]).await? >= TICKETS_A_DAY {
        let detail = format!("{TICKETS_A_DAY} tickets a day are the most. Write into one that is open.");
        return Err(Problem::new(axum::http::StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail));
    }
    let answer_by = hours(app).await?.answer_by(now);
    let mut unit = app.store.exclusive().await?;
    // Counting locks the counter, so that no two tickets get one number.
    let count = "UPDATE support_setting SET number = number + 1 WHERE name = 'tickets'";
    if unit.execute(count, vec![]).await? == 0 {
        unit.put(&SETTING, vec!["tickets".into(), 1_i64.into(), "".into()]).await?;
    }
    let row = unit.row("SELECT number FROM support_setting WHERE name = 'tickets'", vec![]).await?;
    let number = row.map_or(Ok(1), |row| row.number(0))?;
    let ticket: Vec<Value> = vec![
        number.into(),
        session.address.into(),
        order.into(),
        item.into(),
        asked.topic.as_str().into(),
        subject.into(),
        asked.language.as_str().into(),
        State::Open.word().into(),
        now.into(),
        now.into(),
        answer_by.into(),
        0_i64.into(),
    ];
    unit.put(&TICKET, ticket).await?;
    unit.put(&MESSAGE, message_row(number, 1, session.address, false, false, &body, now)).await?;
    unit.commit().await?;
    Ok(number)
}

/// The order a question is about, zero for none. Only its two sides may ask about it.
async fn order_of(app: &Context, person: Address, id: Option<&str>) -> Result<u64, Problem> {
    let Some(text) = id.filter(|text| !text.is_empty()) else { return Ok(0) };
    let id: u64 = text.parse().map_err(|_| Problem::invalid(format!("{text:?} is no number of an order.")))?;
    let order = sales::order(app, id).await?.ok_or_else(|| Problem::not_found(format!("order {id}")))?;
    if order.buyer != person && order.seller != person {
        return Err(Problem::forbidden(format!("Order {id} is between others; ask without it.")));
    }
    Ok(id)
}

fn message_row(
    ticket: u64,
    number: u64,
    author: Address,
    staff: bool,
    internal: bool,
    body: &str,
    at: u64,
) -> Vec<Value> {
    vec![ticket.into(), number.into(), author.into(), staff.into(), internal.into(), body.into(), at.into()]
}

const COLUMNS: &str = "number, opener, order_id, item, topic, subject, language, state, created_at, updated_at, \
     answer_by, answered_at";

fn card(app: &Context, row: &Row) -> Result<TicketCard, StoreError> {
    let (answer_by, answered_at) = (row.number(10)?, row.number(11)?);
    let state = row.text(7)?;
    let done = state == State::Solved.word() || state == State::Closed.word();
    let late = if answered_at == 0 { !done && app.now() > answer_by } else { answered_at > answer_by };
    Ok(TicketCard {
        id: row.number(0)?.to_string(),
        opener: app.party(row.address(1)?),
        order_id: Some(row.number(2)?).filter(|id| *id > 0).map(|id| id.to_string()),
        item: Some(row.text(3)?).filter(|item| !item.is_empty()),
        topic: row.text(4)?,
        subject: row.text(5)?,
        language: row.text(6)?,
        state,
        created_at: calendar::rfc3339(row.number(8)?),
        updated_at: calendar::rfc3339(row.number(9)?),
        answer_by: calendar::rfc3339(answer_by),
        answered_at: Some(answered_at).filter(|at| *at > 0).map(calendar::rfc3339),
        late,
    })
}

pub(super) async fn list(app: &Context, session: &Session, asked: &TicketQuery) -> Result<Page<TicketCard>, Problem> {
    let mut conditions = Vec::new();
    let mut args: Vec<Value> = Vec::new();
    let mut and = |condition: &str, value: Value| {
        args.push(value);
        conditions.push(condition.replace("{}", &format!("${}", args.len())));
    };
    if asked.all == Some(true) {
        session.require(STAFF)?;
    } else {
        and("opener = {}", session.address.into());
    }
    match asked.state.as_deref().unwrap_or_default() {
        "" => {}
        "unsolved" => and("state IN ('open', {})", State::Waiting.word().into()),
        word if State::parse(word).is_some() => and("state = {}", word.into()),
        word => {
            return Err(Problem::invalid(format!(
                "{word:?} is no state: there are open, waiting, solved, closed and unsolved."
            )));
        }
    }
    if let Some(order) = asked.order_id {
        and("order_id = {}", order.into());
    }
    if let Some(text) = asked.cursor.as_deref() {
        and("number < {}", Cursor::decode(text, 1)?.int(0)?.into());
    }
    let limit = Limit::of(asked.limit);
    let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    let sql = format!("SELECT {COLUMNS} FROM support_ticket{filter} ORDER BY number DESC LIMIT {}", limit.rows());
    let rows = app.store.rows(&sql, args).await?;
    let page = Page::cut(rows, limit, |row| Cursor(vec![row.int(0).unwrap_or_default().to_string()]));
    let items = page.items.iter().map(|row| card(app, row)).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next })
}

/// A ticket as its opener or staff may see it; to others it is not there.
async fn find(app: &Context, session: &Session, id: u64) -> Result<(Row, State), Problem> {
    let sql = format!("SELECT {COLUMNS} FROM support_ticket WHERE number = $1");
    let row = app.store.row(&sql, vec![id.into()]).await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("ticket {id}")))?;
    if !is_staff(session) && row.address(1)? != session.address {
        return Err(Problem::not_found(format!("ticket {id}")));
    }
    let state = State::parse(&row.text(7)?).unwrap_or(State::Open);
    Ok((row, state))
}

pub(super) async fn show(app: &Context, session: &Session, id: u64) -> Result<TicketView, Problem> {
    let (row, _) = find(app, session, id).await?;
    let internal = if is_staff(session) { "" } else { " AND internal = 0" };
    let sql = format!(
        "SELECT author, by_staff, internal, body, at FROM support_message WHERE ticket = $1{internal} ORDER BY number"
    );
    let mut messages = Vec::new();
    for row in app.store.rows(&sql, vec![id.into()]).await? {
        messages.push(MessageView {
            author: app.party(row.address(0)?),
            by_staff: row.int(1)? != 0,
            internal: row.int(2)? != 0,
            body: row.text(3)?,
            at: calendar::rfc3339(row.number(4)?),
        });
    }
    Ok(TicketView { card: card(app, &row)?, messages })
}

/// Says something in a ticket. Staff's answer waits for the customer or solves; the customer's opens it again.
pub(super) async fn say(app: &Context, session: &Session, id: u64, asked: &MessageAsked) -> Result<(), Problem> {
    let body = within("The message", &asked.body, BODY_MAX)?;
    let (row, state) = find(app, session, id).await?;
    // Staff who ask for themselves are customers in their own ticket.
    let as_staff = is_staff(session) && row.address(1)? != session.address;
    if !as_staff && (asked.internal || asked.solves) {
        return Err(Problem::forbidden("Only staff write notes among themselves, or end a matter with an answer."));
    }
    if state == State::Closed && !asked.internal {
        return Err(Problem::invalid(format!("Ticket {id} is closed. Open it again first.")));
    }
    let next = match (as_staff, asked.internal, asked.solves) {
        (_, true, _) => state,
        (true, false, true) => State::Solved,
        (true, false, false) => State::Waiting,
        (false, ..) => State::Open,
    };
    let now = app.now();
    let mut unit = app.store.exclusive().await?;
    unit.lock(&TICKET, vec![id.into()]).await?;
    let last = unit.row("SELECT MAX(number) FROM support_message WHERE ticket = $1", vec![id.into()]).await?;
    let last = last.map_or(Ok(0), |row| row.int(0))?;
    if last >= MESSAGES_MAX {
        return Err(Problem::invalid(format!("Ticket {id} has {MESSAGES_MAX} messages. Open a new one.")));
    }
    let number = u64::try_from(last + 1).unwrap_or(1);
    unit.put(&MESSAGE, message_row(id, number, session.address, as_staff, asked.internal, &body, now)).await?;
    let answered = if as_staff && !asked.internal {
        "CASE WHEN answered_at = 0 THEN $3 ELSE answered_at END"
    } else {
        "answered_at"
    };
    let sql =
        format!("UPDATE support_ticket SET state = $1, updated_at = $3, answered_at = {answered} WHERE number = $2");
    unit.execute(&sql, vec![next.word().into(), id.into(), now.into()]).await?;
    Ok(unit.commit().await?)
}

pub(super) async fn change(app: &Context, session: &Session, id: u64, word: &str) -> Result<(), Problem> {
    let next = State::parse(word).ok_or_else(|| Problem::invalid(format!("{word:?} is no state of a ticket.")))?;
    let (_, state) = find(app, session, id).await?;
    if !state.may_become(next, is_staff(session)) {
        let detail = format!("Ticket {id} is {} and can't become {}.", state.word(), next.word());
        return Err(Problem::new(axum::http::StatusCode::CONFLICT, "conflict", detail));
    }
    let sql = "UPDATE support_ticket SET state = $1, updated_at = $2 WHERE number = $3 AND state = $4";
    app.store.execute(sql, vec![next.word().into(), app.now().into(), id.into(), state.word().into()]).await?;
    Ok(())
}

/// Closes solved tickets in which nobody has said anything for a week.
pub(super) async fn close_quiet(app: &Context, now: u64) -> Result<u64, Problem> {
    let sql = "UPDATE support_ticket SET state = 'closed' WHERE state = 'solved' AND updated_at < $1";
    Ok(app.store.execute(sql, vec![now.saturating_sub(QUIET_SECONDS).into()]).await?)
}

pub(super) async fn figures(app: &Context) -> Result<FiguresView, Problem> {
    let now = app.now();
    let count = async |condition: &str, args: Vec<Value>| -> Result<u64, Problem> {
        let sql = format!("SELECT COUNT(*) FROM support_ticket WHERE {condition}");
        Ok(app.store.int(&sql, args).await?.unsigned_abs())
    };
    let since = now.saturating_sub(30 * DAY);
    let sql = "SELECT created_at, answered_at, answer_by FROM support_ticket WHERE answered_at > 0 AND created_at > $1";
    let (mut waits, mut in_time) = (Vec::new(), 0);
    for row in app.store.rows(sql, vec![since.into()]).await? {
        waits.push(row.number(1)?.saturating_sub(row.number(0)?) / 60);
        in_time += u64::from(row.number(1)? <= row.number(2)?);
    }
    waits.sort_unstable();
    Ok(FiguresView {
        open: count("state = 'open'", vec![]).await?,
        late: count("state = 'open' AND answered_at = 0 AND answer_by < $1", vec![now.into()]).await?,
        waiting: count("state = 'waiting'", vec![]).await?,
        answered: waits.len() as u64,
        in_time,
        first_answer_minutes: waits.get(waits.len().saturating_sub(1) / 2).copied(),
    })
}

/// Numbers of somebody's tickets.
pub(super) async fn own(app: &Context, person: Address) -> Result<Vec<TicketCard>, Problem> {
    let sql = format!("SELECT {COLUMNS} FROM support_ticket WHERE opener = $1 ORDER BY number");
    let rows = app.store.rows(&sql, vec![person.into()]).await?;
    Ok(rows.iter().map(|row| card(app, row)).collect::<Result<_, _>>()?)
}

/// Erases somebody's tickets with everything said in them.
pub(super) async fn forget(app: &Context, person: Address) -> Result<(), Problem> {
    let messages = "DELETE FROM support_message WHERE ticket IN (SELECT number FROM support_ticket WHERE opener = $1)";
    let tickets = "DELETE FROM support_ticket WHERE opener = $1";
    let statements = vec![(messages, vec![person.into()]), (tickets, vec![person.into()])];
    app.store.shred(&MESSAGE, statements).await.map(drop).map_err(Problem::from)
}
