//! What the town sells: its merchants and their goods, in two languages.

use super::pictures::Subject;

/// A merchant of the town.
pub(super) struct Merchant {
    pub(super) en: &'static str,
    pub(super) zh: &'static str,
    pub(super) category: &'static str,
    pub(super) goods: &'static [Good],
}

/// Something a merchant sells.
pub(super) struct Good {
    pub(super) en: &'static str,
    pub(super) zh: &'static str,
    /// Price in cents.
    pub(super) cents: u32,
    pub(super) subject: Subject,
    pub(super) digital: bool,
}

const fn merchant(en: &'static str, zh: &'static str, category: &'static str, goods: &'static [Good]) -> Merchant {
    Merchant { en, zh, category, goods }
}

const fn good(en: &'static str, zh: &'static str, cents: u32, subject: Subject) -> Good {
    Good { en, zh, cents, subject, digital: false }
}

const fn file(en: &'static str, zh: &'static str, cents: u32, subject: Subject) -> Good {
    Good { en, zh, cents, subject, digital: true }
}

use Subject::{Book, Bowl, Bread, Brush, Cloth, Cup, Disc, Hammer, Horse, Jar, Lamp, Plant, Pot, Ring, Scroll, Vase};

/// Everyone who keeps a shop.
pub(super) const MERCHANTS: &[Merchant] = &[
    merchant(
        "Linden Tea House",
        "椴树茶行",
        "tea",
        &[
            good("Spring green tea, 100 g", "明前绿茶，100 克", 1_850, Jar),
            good("Roasted oolong, 150 g", "炭焙乌龙，150 克", 2_400, Jar),
            good("White tea cake, 357 g", "白茶饼，357 克", 4_800, Jar),
        ],
    ),
    merchant(
        "Harbour Coffee Roasters",
        "港口咖啡",
        "tea",
        &[
            good("Dark roast beans, 500 g", "深烘咖啡豆，500 克", 1_690, Jar),
            good("Pour-over kettle", "手冲壶", 5_400, Pot),
        ],
    ),
    merchant(
        "North Mountain Teapots",
        "北山壶舍",
        "ceramics",
        &[good("Side-handled teapot", "侧把茶壶", 7_200, Pot), good("Pair of tasting cups", "品茗杯一对", 2_600, Cup)],
    ),
    merchant(
        "Ash & Kiln",
        "柴窑坊",
        "ceramics",
        &[
            good("Wood-fired bowl", "柴烧碗", 3_800, Bowl),
            good("Celadon vase", "青瓷瓶", 9_500, Vase),
            good("Everyday mug", "日用马克杯", 1_900, Cup),
        ],
    ),
    merchant(
        "Salt & Rye",
        "盐与黑麦",
        "pantry",
        &[good("Sourdough rye loaf", "黑麦酸面包", 720, Bread), good("Smoked sea salt", "烟熏海盐", 640, Jar)],
    ),
    merchant(
        "Old Bridge Honey",
        "老桥蜂坊",
        "pantry",
        &[
            good("Chestnut honey, 500 g", "栗子蜜，500 克", 1_350, Jar),
            good("Beeswax candles, six", "蜂蜡烛六支", 1_100, Lamp),
        ],
    ),
    merchant(
        "The Vinegar Cellar",
        "醋窖",
        "pantry",
        &[good("Eight-year aged vinegar", "八年陈醋", 1_580, Jar), good("Pickled plums", "腌梅子", 860, Jar)],
    ),
    merchant(
        "Weaver's Row",
        "织造巷",
        "textiles",
        &[good("Handwoven scarf", "手织围巾", 6_400, Cloth), good("Linen tablecloth", "亚麻桌布", 5_200, Cloth)],
    ),
    merchant(
        "Indigo Yard",
        "蓝染坊",
        "textiles",
        &[good("Indigo-dyed wrap", "蓝染包袱布", 2_900, Cloth), good("Quilted jacket", "绗缝外套", 12_800, Cloth)],
    ),
    merchant(
        "Felt & Thread",
        "毡与线",
        "textiles",
        &[good("Wool slippers", "羊毛拖鞋", 3_300, Cloth), good("Mending kit", "缝补套装", 1_450, Cloth)],
    ),
    merchant(
        "Lamplighter",
        "点灯人",
        "home",
        &[good("Paper lantern", "纸灯笼", 2_750, Lamp), good("Brass table lamp", "黄铜台灯", 14_500, Lamp)],
    ),
    merchant(
        "Three Stools Joinery",
        "三凳木作",
        "home",
        &[good("Oak stool", "橡木凳", 8_800, Horse), good("Cutting board", "砧板", 3_600, Book)],
    ),
    merchant(
        "Broom & Basket",
        "帚与篮",
        "home",
        &[good("Willow basket", "柳条篮", 2_900, Bowl), good("Rice-straw broom", "稻草扫帚", 1_250, Brush)],
    ),
    merchant(
        "Pine Soot Ink",
        "松烟墨庄",
        "paper",
        &[
            good("Pine-soot ink stick", "松烟墨锭", 3_200, Brush),
            good("Inkstone, river stone", "河石砚", 8_600, Bowl),
            good("Weasel-hair brush", "狼毫笔", 1_980, Brush),
        ],
    ),
    merchant(
        "Mulberry Paper Mill",
        "桑皮纸坊",
        "paper",
        &[
            good("Mulberry paper, 50 sheets", "桑皮纸五十张", 2_150, Scroll),
            good("Bound notebook", "线装笔记本", 1_680, Book),
        ],
    ),
    merchant(
        "Seal & Stone",
        "印石斋",
        "paper",
        &[good("Carved name seal", "姓名印章", 6_900, Ring), good("Cinnabar paste", "朱砂印泥", 2_700, Jar)],
    ),
    merchant(
        "The Corner Bookshop",
        "街角书店",
        "books",
        &[
            good("A history of guilds", "行会史", 2_480, Book),
            good("Field guide to mosses", "苔藓图鉴", 1_950, Book),
            good("Poems for the road", "行路诗抄", 1_400, Book),
        ],
    ),
    merchant(
        "Second Reading",
        "再读旧书",
        "books",
        &[
            good("Box of old novels", "旧小说一箱", 3_900, Book),
            good("Antique map, framed", "装框旧地图", 11_000, Scroll),
        ],
    ),
    merchant(
        "Cat Tower Press",
        "猫塔出版",
        "books",
        &[
            good("Letterpress calendar", "活版日历", 1_750, Scroll),
            good("Cookbook of small kitchens", "小厨房菜谱", 2_600, Book),
        ],
    ),
    merchant(
        "Needle & Groove",
        "唱针",
        "music",
        &[
            good("String quartets, LP", "弦乐四重奏，黑胶", 3_100, Disc),
            good("Guqin recordings, LP", "古琴录音，黑胶", 3_400, Disc),
        ],
    ),
    merchant(
        "Reed & Bow",
        "簧与弓",
        "music",
        &[good("Bamboo flute", "竹笛", 4_200, Brush), good("Rosin and cloth", "松香与擦布", 980, Cloth)],
    ),
    merchant(
        "Low Tide Records",
        "退潮唱片",
        "music",
        &[
            file("Field recordings: harbour", "田野录音:港口", 900, Disc),
            file("Night piano, album", "夜钢琴专辑", 1_200, Disc),
        ],
    ),
    merchant(
        "Iron Lane Forge",
        "铁匠巷",
        "tools",
        &[good("Forged hammer", "手锻锤", 5_800, Hammer), good("Carving knives, set", "刻刀一套", 7_400, Hammer)],
    ),
    merchant(
        "Plumb & Square",
        "规矩堂",
        "tools",
        &[good("Brass plumb bob", "黄铜线坠", 2_300, Hammer), good("Marking gauge", "划线规", 3_950, Hammer)],
    ),
    merchant(
        "Bicycle Hospital",
        "单车医院",
        "tools",
        &[good("Repair kit", "修理包", 2_850, Hammer), good("Leather saddle", "皮座垫", 9_900, Horse)],
    ),
    merchant(
        "Moss Garden",
        "苔园",
        "garden",
        &[good("Moss terrarium", "苔藓盆景", 4_600, Plant), good("Bonsai shears", "盆景剪", 3_700, Hammer)],
    ),
    merchant(
        "Seed Library",
        "种子馆",
        "garden",
        &[
            good("Heirloom seeds, twelve kinds", "老种子十二种", 1_600, Plant),
            good("Terracotta pots, three", "陶盆三只", 2_200, Plant),
        ],
    ),
    merchant(
        "Wisteria Nursery",
        "紫藤苗圃",
        "garden",
        &[good("Wisteria sapling", "紫藤苗", 3_500, Plant), good("Jasmine in a pot", "盆栽茉莉", 2_100, Plant)],
    ),
    merchant(
        "Silver Street",
        "银街",
        "jewellery",
        &[good("Hammered silver ring", "锤纹银戒", 6_800, Ring), good("Moon pendant", "月亮吊坠", 8_200, Ring)],
    ),
    merchant(
        "River Jade",
        "河玉",
        "jewellery",
        &[good("Jade bangle", "玉镯", 26_000, Ring), good("Bead bracelet", "串珠手链", 4_400, Ring)],
    ),
    merchant("Amber & Bone", "琥珀骨", "jewellery", &[good("Amber earrings", "琥珀耳环", 5_300, Ring)]),
    merchant(
        "The Rocking Horse",
        "木马",
        "toys",
        &[good("Wooden horse", "木马玩具", 4_900, Horse), good("Puzzle box", "机关盒", 3_800, Book)],
    ),
    merchant(
        "Kite Hill",
        "风筝坡",
        "toys",
        &[good("Swallow kite", "沙燕风筝", 2_600, Cloth), good("Spinning tops, four", "陀螺四只", 1_500, Vase)],
    ),
    merchant(
        "Pattern Room",
        "纸样间",
        "digital",
        &[file("Jacket sewing pattern", "外套纸样", 1_100, Scroll), file("Knitting charts", "编织图解", 800, Scroll)],
    ),
    merchant(
        "Typeface Foundry",
        "字模所",
        "digital",
        &[
            file("Guild Serif, font family", "行会宋，字体", 6_500, Scroll),
            file("Seal script alphabet", "篆书字库", 4_200, Scroll),
        ],
    ),
    merchant(
        "Open Recipe Club",
        "食谱社",
        "digital",
        &[
            file("Forty dumplings, e-book", "饺子四十种，电子书", 950, Book),
            file("Bread course, video", "面包课程，视频", 3_600, Bread),
        ],
    ),
];

/// Given names of customers; two numbers pick one of each.
pub(super) const CUSTOMERS_EN: &[&str] = &[
    "Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Farah", "Goran", "Hana", "Ines", "Jonas", "Kaia", "Liang", "Mei",
    "Noor", "Oskar", "Priya", "Quan", "Rosa", "Sven", "Tariq", "Uma", "Vera", "Wen", "Ximena", "Yuki", "Zhen",
];

/// Family initials that tell customers of one name apart.
pub(super) const INITIALS: &str = "ABCDEFGHKLMNPRSTW";

/// What customers write of their purchases, by the stars they give.
pub(super) const REVIEWS: [&[&str]; 5] = [
    &["It came broken, and nobody answered. 到手就是坏的，没有人回复。"],
    &["Not what the picture promised. 和图片不太一样。"],
    &["Decent, though slow to arrive. 还可以，就是到得慢。"],
    &["Good, and well packed. 不错，包装用心。", "As described. 与描述一致。"],
    &[
        "Lovely. I have ordered again. 很喜欢，已经回购。",
        "Better than I hoped. 比想象的更好。",
        "Made with care; you can tell. 看得出用心。",
        "",
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_is_one_of_the_market_and_every_title_differs() {
        let mut titles = std::collections::HashSet::new();
        for merchant in MERCHANTS {
            assert!(platform_business::CATEGORIES.iter().any(|category| category.slug == merchant.category));
            assert!(!merchant.goods.is_empty());
            for good in merchant.goods {
                assert!(titles.insert(good.en) && titles.insert(good.zh), "{}", good.en);
                assert!(good.cents > 0);
            }
        }
        assert!(MERCHANTS.len() >= 30);
    }
}
