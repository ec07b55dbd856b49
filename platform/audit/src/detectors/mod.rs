//! The detectors: one line each, and the questions they ask in files by what they are about.

mod access;
mod calls;
mod money;
mod numbers;
mod signatures;
mod source;
mod storage;

use crate::finding::Severity::{self, Critical, High, Info, Low, Medium};
use crate::program::{Contract, Function, Program};
use crate::syntax::Node;

/// Where something was found.
pub(crate) struct Place<'p> {
    pub(crate) contract: Option<Contract<'p>>,
    pub(crate) function: Option<Function<'p>>,
    pub(crate) node: &'p Node,
}

impl<'p> Place<'p> {
    fn in_function(function: Function<'p>, node: &'p Node) -> Self {
        Self { contract: Some(function.contract), function: Some(function), node }
    }

    fn in_contract(contract: Contract<'p>, node: &'p Node) -> Self {
        Self { contract: Some(contract), function: None, node }
    }
}

/// One question asked of a program.
pub struct Detector {
    /// Its name.
    pub id: &'static str,
    /// How bad what it finds is.
    pub severity: Severity,
    /// What is wrong, in English.
    pub en: &'static str,
    /// What is wrong, in Chinese.
    pub zh: &'static str,
    /// What to do, in English.
    pub advice_en: &'static str,
    /// What to do, in Chinese.
    pub advice_zh: &'static str,
    pub(crate) find: for<'p> fn(&'p Program) -> Vec<Place<'p>>,
}

impl std::fmt::Debug for Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Detector").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Every detector.
#[must_use]
pub fn detectors() -> &'static [Detector] {
    DETECTORS
}

macro_rules! detectors {
    ($($id:literal $severity:ident $find:path { $en:literal $zh:literal $advice_en:literal $advice_zh:literal })*) => {
        const DETECTORS: &[Detector] = &[$(Detector {
            id: $id, severity: $severity, en: $en, zh: $zh, advice_en: $advice_en, advice_zh: $advice_zh, find: $find,
        }),*];
    };
}

detectors! {
    "unprotected-upgrade" Critical access::unprotected_upgrade {
        "Anyone can replace this contract's code: the upgrade asks nobody who they are."
        "任何人都能替换此合约的代码：升级时不核对调用者身份。"
        "Guard _authorizeUpgrade with the authority's modifier (restricted)."
        "用权限修饰符（restricted）保护 _authorizeUpgrade。"
    }
    "unprotected-initializer" High access::unprotected_initializer {
        "Anyone can set this contract up, and do so again: the initializer is not marked as one."
        "任何人都能（反复）初始化此合约：初始化函数没有相应的修饰符。"
        "Add initializer, reinitializer(n) or onlyInitializing."
        "加上 initializer、reinitializer(n) 或 onlyInitializing。"
    }
    "open-implementation" Medium access::open_implementation {
        "The code behind the proxy can itself be initialised by anyone, since its constructor leaves that open."
        "代理背后的实现合约可被任何人初始化，因为构造函数没有关闭初始化。"
        "Call _disableInitializers() in the constructor."
        "在构造函数中调用 _disableInitializers()。"
    }
    "missing-access-control" High access::missing_access_control {
        "Anyone can call a function that issues money, gives rights, or changes who or what is trusted."
        "任何人都能调用会增发资金、授予权限或改变信任关系的函数。"
        "Add a modifier that asks the authority, or check msg.sender."
        "加上向权限合约核对的修饰符，或检查 msg.sender。"
    }
    "missing-event" Low access::missing_event {
        "A privileged change is made without an event: nobody who watches can see it."
        "特权变更没有发出事件：监看者无从得知。"
        "Emit an event with the old and the new value."
        "发出包含旧值与新值的事件。"
    }
    "tx-origin" Medium access::tx_origin {
        "tx.origin decides: a contract that someone was lured into calling can act in their name."
        "以 tx.origin 作判断：用户被诱导调用的合约可以冒用其名义。"
        "Use msg.sender."
        "改用 msg.sender。"
    }
    "reentrancy" High calls::reentrancy {
        "Another contract is called before the books are written: it can call back and find the old ones."
        "先调用外部合约、后更新账目：对方可以回调并利用旧账目。"
        "Write first and call last, or add nonReentrant."
        "先记账、后调用，或加上 nonReentrant。"
    }
    "unchecked-call" Medium calls::unchecked_call {
        "Nobody looks whether this low-level call succeeded."
        "没有检查此低级调用是否成功。"
        "Check the returned bool, or use Address.functionCall."
        "检查返回的布尔值，或使用 Address.functionCall。"
    }
    "unchecked-transfer" High calls::unchecked_transfer {
        "Nobody looks whether the token moved: some tokens answer false instead of failing."
        "没有检查代币是否真的转出：有些代币失败时只返回 false。"
        "Use SafeERC20."
        "使用 SafeERC20。"
    }
    "delegatecall-to-variable" High calls::delegatecall_to_variable {
        "Foreign code runs with this contract's storage and money, at an address that can change."
        "可变地址上的外部代码会以本合约的存储与资金运行。"
        "Let the target be immutable or constant, or guard what sets it and say so in the triage."
        "把目标地址设为 immutable 或 constant；否则保护其设置入口并在分诊文件中说明。"
    }
    "selfdestruct" High calls::selfdestructs {
        "The contract can be destroyed with what it holds."
        "合约可被销毁，连同其资金。"
        "Remove selfdestruct; let people withdraw."
        "去掉 selfdestruct，改为让用户自行提取。"
    }
    "locked-ether" Medium money::locked_ether {
        "The contract takes coins and has no way to give them out again."
        "合约可以收币，却没有转出的途径。"
        "Remove payable, or add a withdrawal."
        "去掉 payable，或增加提取功能。"
    }
    "unbounded-loop" Low money::unbounded_loop {
        "A loop runs over a list that grows: one day it no longer fits into a block."
        "循环遍历不断增长的列表：总有一天一个区块装不下。"
        "Bound the list, or work through it in parts."
        "限制列表长度，或分批处理。"
    }
    "weak-randomness" Medium numbers::weak_randomness {
        "Chance is drawn from what whoever makes the block can choose."
        "随机数取自出块者可以左右的数据。"
        "Use commit and reveal, or a verifiable random function."
        "使用“承诺—揭示”或可验证随机函数。"
    }
    "divide-before-multiply" Low numbers::divide_before_multiply {
        "What a division cut off is multiplied: the result is too small."
        "先除后乘：除法截去的部分被放大，结果偏小。"
        "Multiply first, or use Math.mulDiv."
        "先乘后除，或使用 Math.mulDiv。"
    }
    "unsafe-cast" Low numbers::unsafe_cast {
        "A large number is cut to a smaller type without a look whether it fits."
        "大数被截为较小类型，且未检查是否放得下。"
        "Use SafeCast, or compare before."
        "使用 SafeCast，或先比较大小。"
    }
    "signature-replay" High signatures::signature_replay {
        "A signature counts more than once, or on another chain or contract too."
        "签名可被重复使用，或在其他链、其他合约上同样有效。"
        "Sign EIP-712 data of this contract with a nonce, and use each nonce once."
        "对本合约的 EIP-712 数据签名，带上 nonce 且每个 nonce 只用一次。"
    }
    "raw-ecrecover" Medium signatures::raw_ecrecover {
        "ecrecover takes two forms of one signature, and gives address zero for a wrong one."
        "ecrecover 接受同一签名的两种形式，且对错误签名返回零地址。"
        "Use ECDSA.recover or SignatureChecker."
        "使用 ECDSA.recover 或 SignatureChecker。"
    }
    "storage-namespace" High storage::namespace_mismatch {
        "The slot is not that of the ERC-7201 name written beside it: two namespaces may lie on one another."
        "存储槽与所注明的 ERC-7201 名称不符：两个命名空间可能重叠。"
        "Compute the slot from the name as ERC-7201 says."
        "按 ERC-7201 由名称计算槽位。"
    }
    "missing-storage-gap" Medium storage::missing_gap {
        "A base of upgradeable contracts keeps plain storage without a gap: a new field would move what follows."
        "可升级合约的基类使用普通存储且没有预留空位：新增字段会使后面的存储错位。"
        "Use an ERC-7201 namespace, or leave a __gap."
        "使用 ERC-7201 命名空间，或预留 __gap。"
    }
    "hard-coded-address" Low source::hard_coded_address {
        "An address is written into the code: on another chain somebody else may be there."
        "地址写死在代码里：在另一条链上那里可能是别人。"
        "Pass it in at deployment."
        "在部署时传入。"
    }
    "floating-pragma" Info source::floating_pragma {
        "The sources compile with several compilers, of which one may have a fault the others don't."
        "源码可用多个版本的编译器编译，其中某个版本可能有缺陷。"
        "Name one version."
        "指定唯一版本。"
    }
}
