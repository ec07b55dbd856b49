export default {
  notice: {
    lead: "对方、承运人或行会在您的订单里做了什么。",
    news: "最近 60 天",
    none: "还没有通知",
    none_text: "有人推进您的订单时，会在这里显示。",
    unread: "新",
    read_all: "全部标为已读",
    buying: "您是买家；操作方",
    selling: "您是卖家；操作方",
    settings: "要通知您什么",
    settings_text: "无论如何，各项时限都会列在“待办”里。",
    kind_orders: "下单、接单、发货、到货、完成、退款",
    kind_aftersales: "包裹延误、退货、争议和裁决",
    sign_in_title: "登录后查看您订单的新动态",
  },
} as const;
