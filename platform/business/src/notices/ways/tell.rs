//! Events of orders into messages. Messages and the place up to which everyone was told are written together, so that
//! nobody is told twice and nobody is forgotten.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use platform_api::Problem;
use platform_index::Value;
use platform_notify::{Message, Notifier, Status, Words};

use super::model::{CURSOR, Way, of};
use crate::context::Context;
use crate::notices::query::{AFTERSALES, ORDERS};

/// Events that are looked at in one go.
const BATCH: i64 = 500;

/// Writes messages about everything that happened since the last time. Says whether there may be more.
pub(crate) async fn tell_customers(app: &Context) -> Result<bool, Problem> {
    if app.notifier.is_none() {
        return Ok(false);
    }
    let known = app.store.row("SELECT block, log FROM notice_cursor WHERE name = 'told'", vec![]).await?;
    let Some(known) = known else {
        // What happened before anybody could ask for it is history.
        let now = i64::try_from(app.indexed().number).unwrap_or(i64::MAX);
        app.store.put(&CURSOR, cursor(now, i64::MAX)).await?;
        return Ok(false);
    };
    let sql = "SELECT e.block_number, e.log_index, e.order_id, e.at, e.sender, e.topics, o.buyer, o.seller \
               FROM market_event e JOIN market_order o ON o.order_id = e.order_id \
               WHERE (e.block_number, e.log_index) > ($1, $2) ORDER BY e.block_number, e.log_index LIMIT $3";
    let rows = app.store.rows(sql, vec![known.int(0)?.into(), known.int(1)?.into(), BATCH.into()]).await?;
    let Some(last) = rows.last() else { return Ok(false) };
    let place = cursor(last.int(0)?, last.int(1)?);
    let anyone = app.store.row("SELECT 1 FROM notice_way WHERE confirmed_at > 0", vec![]).await?.is_some();
    let mut messages = Vec::new();
    for row in rows.iter().filter(|_| anyone) {
        let Some(topic) = row.blob(5)?.get(..32).map(B256::from_slice) else { continue };
        let (is_order, is_after) = (ORDERS.contains(&topic), AFTERSALES.contains(&topic));
        if !is_order && !is_after {
            continue;
        }
        let (sender, buyer, seller) = (row.address(4)?, row.address(6)?, row.address(7)?);
        for (person, buying) in [(buyer, true), (seller, false)] {
            if person == sender || (!buying && buyer == seller) {
                continue;
            }
            let ways = of(app, person).await?;
            let wants = |way: &&Way| way.confirmed_at > 0 && ((is_order && way.orders) || (is_after && way.aftersales));
            for way in ways.iter().filter(wants) {
                let order = row.number(2)?;
                let id = format!("{:010x}{:06x}", row.int(0)?, row.int(1)?);
                messages.push(message(way, &id, order, name(topic), buying));
            }
        }
    }
    let written = messages.iter().map(|message| {
        let (table, row) = message.row();
        (table, vec![row])
    });
    let mut unit: Vec<_> = written.collect();
    unit.push((&CURSOR, vec![place]));
    app.store.write(unit).await?;
    Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX) >= BATCH)
}

fn cursor(block: i64, log: i64) -> Vec<Value> {
    vec!["told".into(), block.into(), log.into()]
}

/// A message about an order. It names the order and what happened, and nobody.
fn message(way: &Way, place: &str, order: u64, what: Words, buying: bool) -> Message {
    let text = if buying {
        Words::new(
            "See in the order what comes next, until when, and what happens if nobody acts.",
            "在订单页可以看到下一步是什么、期限到何时，以及无人操作时会怎样。",
        )
    } else {
        Words::new(
            "It is one of your sales. See in the order what you can do, and until when.",
            "这是您卖出的一笔订单。在订单页可以看到您能做什么、期限到何时。",
        )
    };
    Message {
        id: format!("msg_{place}{}", way.id.trim_start_matches("rc_")),
        subject: format!("order/{order}"),
        status: Status::Notice,
        severity: 5,
        title: Words::new(format!("Order {order}: {}", what.en), format!("订单 {order}：{}", what.zh)),
        text,
        link: format!("/orders/{order}"),
        ..blank(way)
    }
}

/// What confirms that a mailbox is somebody's.
pub(super) fn code_message(way: &Way, notifier: &Notifier, code: &str) -> Message {
    let spaced = format!("{} {}", &code[..4], &code[4..]);
    Message {
        id: format!("msg_{:016x}{:016x}", platform_notify::now_ms(), rand::random::<u64>()),
        subject: format!("confirmation/{}", way.id),
        status: Status::Notice,
        severity: 5,
        title: Words::new(
            format!("Your code for {}: {spaced}", notifier.house()),
            format!("{} 的验证码：{spaced}", notifier.house()),
        ),
        text: Words::new(
            "Somebody, most likely you, wants to be told here what happens in their orders. Type the code on the page that \
             asked for it within half an hour. If it was not you, do nothing: nothing more will come.",
            "有人（多半是您）希望在这里收到订单的进展。请在半小时内把验证码填到索要它的页面上。如果不是您，请不必理会，之后不会再有邮件。",
        ),
        link: "/desk/notices".to_owned(),
        ..blank(way)
    }
}

fn blank(way: &Way) -> Message {
    Message {
        id: String::new(),
        subject: String::new(),
        status: Status::Notice,
        severity: 5,
        rule: String::new(),
        owner: String::new(),
        group: String::new(),
        title: Words::default(),
        text: Words::default(),
        labels: BTreeMap::new(),
        link: String::new(),
        at_ms: platform_notify::now_ms(),
        always: false,
        to: Some(way.kind.channel().to_owned()),
        recipient: Some(way.id.clone()),
    }
}

/// What happened, in words.
fn name(topic: B256) -> Words {
    use alloy_sol_types::SolEvent;
    use platform_protocol::contracts::{Aftersales as A, Market as M};
    let words: [(B256, &str, &str); 20] = [
        (M::OrderFunded::SIGNATURE_HASH, "it was placed and paid into escrow", "已下单，货款已存入托管"),
        (M::OrderAccepted::SIGNATURE_HASH, "the seller accepted it", "卖家已接单"),
        (M::OrderShipped::SIGNATURE_HASH, "it was shipped", "已发货"),
        (M::OrderDelivered::SIGNATURE_HASH, "it arrived", "已送达"),
        (M::OrderReleased::SIGNATURE_HASH, "it is complete, and the seller is paid", "已完成，货款已付给卖家"),
        (M::OrderRefunded::SIGNATURE_HASH, "it was refunded", "已退款"),
        (A::OrderContested::SIGNATURE_HASH, "somebody says that it has not arrived", "有人表示没有收到货"),
        (A::ReturnRequested::SIGNATURE_HASH, "the buyer wants to return it", "买家申请退货"),
        (A::ReturnApproved::SIGNATURE_HASH, "the seller takes the return", "卖家同意退货"),
        (A::ReturnSent::SIGNATURE_HASH, "the return is on its way", "退货已寄出"),
        (A::ReturnDropped::SIGNATURE_HASH, "the return was given up", "退货已放弃"),
        (A::OrderDisputed::SIGNATURE_HASH, "there is a dispute", "出现争议"),
        (A::SplitProposed::SIGNATURE_HASH, "the other side proposes how to share the money", "对方提出了分款方案"),
        (A::OrderEscalated::SIGNATURE_HASH, "arbiters are asked", "已请仲裁员裁决"),
        (A::EscalationDefended::SIGNATURE_HASH, "the other side paid its fee to the arbiters", "对方已缴纳仲裁费"),
        (A::DisputeRaised::SIGNATURE_HASH, "arbiters are being drawn", "正在抽选仲裁员"),
        (A::OrderRuled::SIGNATURE_HASH, "the arbiters have ruled", "仲裁员已作出裁决"),
        (A::OrderAppealed::SIGNATURE_HASH, "the ruling was appealed", "裁决被上诉"),
        (A::OrderSettled::SIGNATURE_HASH, "the dispute is settled", "争议已了结"),
        (A::Evidence::SIGNATURE_HASH, "there is new evidence", "有新的证据"),
    ];
    let found = words.iter().find(|(known, ..)| *known == topic);
    found.map_or_else(|| Words::new("something happened", "有新进展"), |(_, en, zh)| Words::new(*en, *zh))
}
