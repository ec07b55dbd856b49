//! Answers that come up again and again, in both languages. `{order}` stands for the number of the ticket's order.
//!
//! The program brings some. Staff change, add and remove; from the first change on the house's own are kept.

use platform_api::Problem;
use platform_index::{Exclusive, Row, StoreError, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::within;
use super::model::{ANSWER, SETTING};
use crate::context::Context;
use crate::wire::Bilingual;

const TITLE_MAX: usize = 120;
const BODY_MAX: usize = 4_000;
const COUNT_MAX: i64 = 200;

/// An answer to begin from.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CannedAnswer)]
pub(super) struct AnswerView {
    /// Its number.
    pub(super) id: String,
    /// What it is about.
    pub(super) title: Bilingual,
    /// The answer.
    pub(super) body: Bilingual,
}

/// An answer as staff write it: in one language at least, title and body.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = CannedAnswerAsked)]
pub(super) struct AnswerAsked {
    /// What it is about, 120 characters at most.
    title: Bilingual,
    /// The answer, 4,000 characters at most. `{order}` stands for the order's number.
    body: Bilingual,
}

impl AnswerAsked {
    fn checked(&self) -> Result<[String; 4], Problem> {
        let (mut texts, mut written) = ([const { String::new() }; 4], false);
        let languages = [("English", &self.title.en, &self.body.en), ("Chinese", &self.title.zh, &self.body.zh)];
        for (place, (language, title, body)) in languages.into_iter().enumerate() {
            if title.trim().is_empty() && body.trim().is_empty() {
                continue;
            }
            written = true;
            texts[place] = within(&format!("The {language} title"), title, TITLE_MAX)?;
            texts[place + 2] = within(&format!("The {language} answer"), body, BODY_MAX)?;
        }
        if written { Ok(texts) } else { Err(Problem::invalid("Write a title and an answer in one language at least.")) }
    }
}

const ANSWERS: [[&str; 4]; 6] = [
    [
        "Where is my parcel?",
        "包裹到哪里了？",
        "Thank you for writing. Order {order} has been sent; its page says by when it should arrive. If it has not by \
         then, anyone can ask the seller to prove the delivery, and without proof your money comes back by itself.",
        "感谢您的来信。订单 {order} 已经发出，订单页面写明了最晚到货时间。到时仍未收到，任何人都可以要求卖家举证；\
         卖家拿不出证明，货款会自动退回给您。",
    ],
    [
        "The seller does not accept",
        "卖家没有接单",
        "The seller of order {order} has a fixed time to accept, which its page shows. If they let it pass, all your \
         money goes back. Until they accept, you can also cancel yourself.",
        "订单 {order} 的卖家必须在页面写明的时间内接单。逾期未接，货款全部退回。在对方接单之前，您也可以自行取消。",
    ],
    [
        "Sending it back",
        "如何退货",
        "While you inspect order {order}, choose \"Ask to send it back\" on its page and say why. If the seller does not \
         answer in time, you are refunded.",
        "在订单 {order} 的验货期内，请在订单页面选择“申请退货”并写明原因。卖家逾期不答复，您就会得到退款。",
    ],
    [
        "Something is wrong with it",
        "商品有问题",
        "We are sorry to hear that. On the page of order {order} you can open a dispute: say what is wrong and how much \
         you should get back. If you two can't agree, independent arbiters decide. We can't decide it for you.",
        "很抱歉给您带来不便。请在订单 {order} 的页面发起争议，写明问题和应退的金额。双方谈不拢，由独立的仲裁员裁决；\
         我们无权代为裁决。",
    ],
    [
        "Where is my money?",
        "我的钱在哪里？",
        "What you are owed is credit in the market's contract. Go to My desk, Wallet, and withdraw it; nobody else can.",
        "应得的钱已记为您在市场合约中的可提余额。请到“我的案头 → 钱包”提取，别人都取不走。",
    ],
    [
        "Something we have to look into",
        "需要进一步查实",
        "Thank you. We are looking into it and will write to you here. Your deadlines go on meanwhile: please look at the \
         page of order {order} for the next one.",
        "谢谢，我们正在查实，会在这里回复您。期间各项时限照常计算，请留意订单 {order} 页面上的下一个时限。",
    ],
];

/// All answers, in the order in which they were written.
pub(super) async fn all(app: &Context) -> Result<Vec<AnswerView>, Problem> {
    let own = app.store.row("SELECT number FROM support_setting WHERE name = 'answers'", vec![]).await?;
    if own.is_none() {
        return Ok((1..).zip(ANSWERS).map(|(number, texts)| view(number, texts)).collect());
    }
    let sql = "SELECT number, title_en, title_zh, body_en, body_zh FROM support_answer ORDER BY number";
    let rows = app.store.rows(sql, vec![]).await?;
    let read = |row: &Row| {
        let texts = [row.text(1)?, row.text(2)?, row.text(3)?, row.text(4)?];
        Ok::<_, StoreError>(view(row.number(0)?, texts))
    };
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

fn view(number: u64, [title_en, title_zh, body_en, body_zh]: [impl Into<String>; 4]) -> AnswerView {
    AnswerView {
        id: number.to_string(),
        title: Bilingual::new(title_en, title_zh),
        body: Bilingual::new(body_en, body_zh),
    }
}

/// Adds an answer and gives its number.
pub(super) async fn add(app: &Context, asked: &AnswerAsked) -> Result<u64, Problem> {
    let texts = asked.checked()?;
    let mut unit = begin(app).await?;
    let count = unit.row("SELECT COUNT(*) FROM support_answer", vec![]).await?;
    if count.map_or(Ok(0), |row| row.int(0))? >= COUNT_MAX {
        return Err(Problem::conflict(format!("There are {COUNT_MAX} answers, which is the most: remove one first.")));
    }
    unit.execute("UPDATE support_setting SET number = number + 1 WHERE name = 'answers'", vec![]).await?;
    let number = unit.row("SELECT number FROM support_setting WHERE name = 'answers'", vec![]).await?;
    let number = number.map_or(Ok(1), |row| row.number(0))?;
    unit.put(&ANSWER, row(number, texts)).await?;
    unit.commit().await?;
    Ok(number)
}

/// Writes an answer anew.
pub(super) async fn change(app: &Context, id: u64, asked: &AnswerAsked) -> Result<(), Problem> {
    let texts = asked.checked()?;
    let mut unit = begin(app).await?;
    if !unit.lock(&ANSWER, vec![id.into()]).await? {
        return Err(Problem::not_found(format!("answer {id}")));
    }
    unit.put(&ANSWER, row(id, texts)).await?;
    Ok(unit.commit().await?)
}

/// Removes an answer. What was answered with it stays.
pub(super) async fn remove(app: &Context, id: u64) -> Result<(), Problem> {
    let mut unit = begin(app).await?;
    if unit.execute("DELETE FROM support_answer WHERE number = $1", vec![id.into()]).await? == 0 {
        return Err(Problem::not_found(format!("answer {id}")));
    }
    Ok(unit.commit().await?)
}

/// A transaction in which the house's own answers are there.
async fn begin(app: &Context) -> Result<Exclusive, Problem> {
    let mut unit = app.store.exclusive().await?;
    if !unit.lock(&SETTING, vec!["answers".into()]).await? {
        for (number, texts) in (1..).zip(ANSWERS) {
            unit.put(&ANSWER, row(number, texts.map(str::to_owned))).await?;
        }
        unit.put(&SETTING, vec!["answers".into(), (ANSWERS.len() as u64).into(), "".into()]).await?;
    }
    Ok(unit)
}

fn row(number: u64, [title_en, title_zh, body_en, body_zh]: [String; 4]) -> Vec<Value> {
    vec![number.into(), title_en.into(), title_zh.into(), body_en.into(), body_zh.into()]
}
