import aftersales from "./aftersales";
import arbitration from "./arbitration";
import books from "./books";
import campaigns from "./campaigns";
import capacity from "./capacity";
import channels from "./channels";
import delivery from "./delivery";
import desk from "./desk";
import explorer from "./explorer";
import notices from "./notices";
import order from "./order";
import review from "./review";
import safety from "./safety";
import shell from "./shell";
import square from "./square";
import support from "./support";
import trace from "./trace";
import rule from "./rule";
import security from "./security";
import watch from "./watch";

export default {
  ...shell, ...square, ...order, ...review, ...aftersales, ...arbitration, ...desk, ...explorer, ...books, ...trace, ...campaigns, ...delivery,
  ...support, ...watch, ...security, ...notices, ...channels, ...capacity, ...rule, ...safety,
};
