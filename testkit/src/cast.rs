//! Who is there, and what they are like.

use crate::dice::Dice;
use alloy_primitives::{Address, keccak256};
use platform_protocol::Signer;
use std::ops::Range;

/// What somebody tends to do that honest people don't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vice {
    None,
    /// Lets every deadline pass.
    Silent,
    /// Cancels or declines.
    Fickle,
    /// Ships late or never; sends goods back late or never.
    Late,
    /// Disputes without cause, and goes to the arbiters.
    Liar,
    /// Returns whatever can be returned, and then keeps it.
    Abuser,
    /// Has too little for bonds.
    Poor,
    /// Sells to itself.
    Washer,
}

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) signer: Signer,
    pub(crate) vice: Vice,
}

impl Person {
    pub(crate) const fn address(&self) -> Address {
        self.signer.address()
    }
}

/// Everybody, by their place in one list.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) people: Vec<Person>,
    pub(crate) buyers: Range<usize>,
    pub(crate) sellers: Range<usize>,
    /// Other selves of sellers, through whom they buy from themselves; in the order of the sellers.
    pub(crate) alters: Range<usize>,
    pub(crate) affiliates: Range<usize>,
    pub(crate) partners: Range<usize>,
    pub(crate) carriers: Range<usize>,
    /// The last of them trade too.
    pub(crate) arbiters: Vec<usize>,
}

pub(crate) const OPERATOR: usize = 0;
pub(crate) const TREASURY: usize = 1;
/// Whoever turns the cranks, and has no part in anything.
pub(crate) const STRANGER: usize = 2;
/// Signs vouchers, and never acts.
pub(crate) const ISSUER: usize = 3;
const FIRST: usize = 4;

impl Cast {
    /// As many people as so many orders need.
    pub(crate) fn new(orders: u64, seed: u64, dice: &mut Dice) -> Self {
        let count = |number: u64| usize::try_from(number).unwrap_or(40);
        let mut next = FIRST;
        let mut range = |length: usize| {
            next += length;
            next - length..next
        };
        let buyers = range(count((orders / 30).clamp(30, 600)));
        let sellers = range(count((orders / 400).clamp(16, 90)));
        let alters = range(sellers.len());
        let (affiliates, partners, carriers, judges) = (range(4), range(6), range(3), range(22));
        let all = judges.end;
        let arbiters = judges.chain(buyers.clone().take(4)).chain(sellers.clone().take(3)).collect();
        let people = (0..all).map(|place| person(place, seed, vice(place, &buyers, &sellers, dice))).collect();
        Self { people, buyers, sellers, alters, affiliates, partners, carriers, arbiters }
    }

    pub(crate) fn address(&self, place: usize) -> Address {
        self.people[place].address()
    }

    pub(crate) fn find(&self, account: Address) -> Option<usize> {
        self.people.iter().position(|person| person.address() == account)
    }
}

fn person(place: usize, seed: u64, vice: Vice) -> Person {
    let mut salt = 0_u8;
    loop {
        let key = keccak256([seed.to_be_bytes().as_slice(), &(place as u64).to_be_bytes(), &[salt]].concat());
        // All but one key in 2^128 are good.
        if let Ok(signer) = Signer::from_bytes(&key) {
            return Person { signer, vice };
        }
        salt += 1;
    }
}

fn vice(place: usize, buyers: &Range<usize>, sellers: &Range<usize>, dice: &mut Dice) -> Vice {
    let buying = [Vice::Silent, Vice::Fickle, Vice::Late, Vice::Liar, Vice::Liar, Vice::Abuser];
    let selling = [Vice::Silent, Vice::Fickle, Vice::Late, Vice::Liar, Vice::Poor, Vice::Washer];
    if buyers.contains(&place) && dice.chance(45) {
        *dice.pick(&buying)
    } else if sellers.contains(&place) {
        // The first of each kind is there in the smallest cast too.
        let offset = place - sellers.start;
        if offset.is_multiple_of(2) { Vice::None } else { selling[offset / 2 % selling.len()] }
    } else {
        Vice::None
    }
}
