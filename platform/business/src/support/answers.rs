//! Answers that come up again and again, in both languages. `{order}` stands for the number of the ticket's order.

use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::Bilingual;

/// An answer to begin from.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CannedAnswer)]
pub(super) struct AnswerView {
    /// What it is about.
    pub(super) title: Bilingual,
    /// The answer.
    pub(super) body: Bilingual,
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

pub(super) fn all() -> Vec<AnswerView> {
    let view = |[en, zh, body_en, body_zh]: [&str; 4]| AnswerView {
        title: Bilingual::new(en, zh),
        body: Bilingual::new(body_en, body_zh),
    };
    ANSWERS.into_iter().map(view).collect()
}
