//! Figures for people and for programs: a table, a line of JSON, a page.

use super::figures::{Outcome, Spread};
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

/// Colours of the nodes in plots, told apart by most eyes.
const COLOURS: [&str; 4] = ["#0b6e99", "#b3541e", "#4c7a34", "#7a4c8f"];
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 220.0;
const MARGIN: f64 = 56.0;

/// One line of JSON.
pub(super) fn line(outcome: &Outcome) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{}", serde_json::to_string(outcome)?)?;
    Ok(())
}

/// A table, a column a node.
pub(super) fn table(outcomes: &[Outcome]) -> anyhow::Result<()> {
    let rows = rows(outcomes);
    let first = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..outcomes.len())
        .map(|column| rows.iter().map(|(_, cells)| cells[column].chars().count()).max().unwrap_or(0))
        .collect();
    let mut out = io::stdout().lock();
    for (name, cells) in &rows {
        write!(out, "{name:<first$}")?;
        for (cell, width) in cells.iter().zip(&widths) {
            write!(out, "  {cell:>width$}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Everything measured, series and curves included.
pub(super) fn json(outcomes: &[Outcome]) -> anyhow::Result<String> {
    let all: Vec<Value> = outcomes
        .iter()
        .map(|outcome| {
            let mut value = serde_json::to_value(outcome)?;
            value["seconds_series"] = serde_json::to_value(&outcome.series)?;
            for (name, spread) in curves(outcome) {
                value[format!("{name}_percentiles_ms")] = json!(spread.curve);
            }
            anyhow::Ok(value)
        })
        .collect::<Result<_, _>>()?;
    Ok(serde_json::to_string_pretty(&all)?)
}

fn curves(outcome: &Outcome) -> Vec<(&'static str, &Spread)> {
    let all = [("answer", &outcome.answer_ms), ("commit", &outcome.commit_ms), ("sync", &outcome.sync_ms)];
    all.into_iter().filter_map(|(name, spread)| Some((name, spread.as_ref()?))).collect()
}

/// Names of figures, and a cell a node; rows that no node has are left out.
fn rows(outcomes: &[Outcome]) -> Vec<(&'static str, Vec<String>)> {
    type Cell = fn(&Outcome) -> Option<String>;
    let table: [(&str, Cell); 21] = [
        ("node", |o| Some(o.label.clone())),
        ("client", |o| Some(o.client.clone())),
        ("what", |o| Some(format!("{} {} over {}", o.kind, o.traffic, o.transport))),
        ("loop, connections, batch", |o| Some(format!("{}, {}, {}", o.pacing, o.connections, o.batch))),
        ("accounts", |o| Some(grouped(f64::from(o.accounts)))),
        ("taken by the node", |o| (o.kind == "load").then(|| grouped(o.transactions as f64))),
        ("committed", |o| (o.kind != "reads").then(|| grouped(o.committed as f64))),
        ("failed, of receipts checked", |o| (o.checked > 0).then(|| format!("{} of {}", o.failed, o.checked))),
        ("offered again (pool full)", |o| (o.retried > 0).then(|| grouped(o.retried as f64))),
        ("blocks", |o| (o.blocks > 0).then(|| grouped(o.blocks as f64))),
        ("seconds", |o| Some(format!("{:.2}", o.seconds))),
        ("a second", |o| Some(grouped(o.per_second))),
        ("million gas a second", |o| o.gas_per_second.map(|gas| format!("{:.0}", gas / 1e6))),
        ("request to answer, ms p50 / p99 / max", |o| of_spread(o.answer_ms.as_ref())),
        ("sending to commit, ms p50 / p99 / max", |o| of_spread(o.commit_ms.as_ref())),
        ("the same by sendRawTransactionSync", |o| of_spread(o.sync_ms.as_ref())),
        ("processor, us each: node", |o| o.node_cpu_us.map(|us| format!("{us:.1}"))),
        ("processor, us each: generator", |o| Some(format!("{:.1}", o.generator_cpu_us))),
        ("memory MB now / peak", |o| Some(format!("{:.0} / {:.0}", o.memory_mb?, o.memory_peak_mb?))),
        ("disk, bytes each", |o| o.disk_bytes.map(grouped)),
        ("fsync in this run, ms p50 / p99 / max", |o| of_spread(o.fsync_ms.as_ref())),
    ];
    table
        .into_iter()
        .filter_map(|(name, cell)| {
            let cells: Vec<Option<String>> = outcomes.iter().map(cell).collect();
            let known = cells.iter().any(Option::is_some);
            known.then(|| (name, cells.into_iter().map(|cell| cell.unwrap_or_else(|| "–".into())).collect()))
        })
        .collect()
}

fn of_spread(spread: Option<&Spread>) -> Option<String> {
    spread.map(|spread| format!("{:.2} / {:.2} / {:.2}", spread.p50, spread.p99, spread.max))
}

/// A whole number with its thousands apart.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 && out != "-" {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A page that needs nothing else.
pub(super) fn html(outcomes: &[Outcome]) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Load report</title><style>body{font:15px/1.5 system-ui,sans-serif;max-width:780px;margin:2rem auto;\
         padding:0 1rem;color:#222}table{border-collapse:collapse;width:100%}td,th{text-align:right;padding:.25rem .5rem;\
         border-bottom:1px solid #ddd;font-variant-numeric:tabular-nums}td:first-child,th:first-child{text-align:left}\
         svg{width:100%;height:auto}text{font:11px system-ui,sans-serif;fill:#555}</style><h1>Load report</h1><table>",
    );
    for (place, (name, cells)) in rows(outcomes).into_iter().enumerate() {
        let tag = if place == 0 { "th" } else { "td" };
        let cells: String = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell))).collect();
        let _ = write!(page, "<tr><{tag}>{}</{tag}>{cells}</tr>", escaped(name));
    }
    page.push_str("</table>");
    let labels: Vec<&str> = outcomes.iter().map(|outcome| outcome.label.as_str()).collect();
    for (title, pick) in [
        ("Committed a second", (|second| second.committed) as fn(&super::figures::Second) -> u32),
        ("Sent a second", |second| second.sent),
    ] {
        let lines: Vec<Vec<f64>> = outcomes
            .iter()
            .map(|outcome| outcome.series.iter().map(|second| f64::from(pick(second))).collect())
            .collect();
        plot(&mut page, title, "seconds", "a second", &labels, &lines);
    }
    for (title, name) in [
        ("From a request to its answer", "answer"),
        ("From sending to commit", "commit"),
        ("From sending to receipt in one call", "sync"),
    ] {
        let lines: Vec<Vec<f64>> = outcomes
            .iter()
            .map(|outcome| {
                let found = curves(outcome).into_iter().find(|(own, _)| *own == name);
                found.map(|(_, spread)| spread.curve.clone()).unwrap_or_default()
            })
            .collect();
        plot(&mut page, title, "percentile", "ms", &labels, &lines);
    }
    page.push_str("</html>\n");
    page
}

/// Lines over their index, from zero, as inline SVG. Nothing without points.
fn plot(page: &mut String, title: &str, across: &str, up: &str, labels: &[&str], lines: &[Vec<f64>]) {
    let points = lines.iter().map(Vec::len).max().unwrap_or(0);
    if points == 0 {
        return;
    }
    let top = lines.iter().flatten().copied().fold(f64::MIN_POSITIVE, f64::max);
    let steps = (points - 1).max(1) as f64;
    let x = |index: usize| MARGIN + index as f64 / steps * (WIDTH - 2.0 * MARGIN);
    let y = |value: f64| HEIGHT - MARGIN / 2.0 - value / top * (HEIGHT - MARGIN);
    let _ = write!(
        page,
        "<h2>{}</h2><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escaped(title),
        escaped(title)
    );
    for part in 0..=4 {
        let value = top * f64::from(part) / 4.0;
        let _ = write!(
            page,
            "<line x1=\"{MARGIN}\" x2=\"{:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"#e5e5e5\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - MARGIN,
            y(value),
            y(value),
            MARGIN - 6.0,
            y(value) + 4.0,
            scale(value, top)
        );
    }
    for (number, (line, label)) in lines.iter().zip(labels).enumerate() {
        let colour = COLOURS[number % COLOURS.len()];
        let path: Vec<String> =
            line.iter().enumerate().map(|(index, value)| format!("{:.1},{:.1}", x(index), y(*value))).collect();
        let _ = write!(
            page,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{}\"/><text x=\"{:.1}\" y=\"14\" style=\"fill:{colour}\">{}</text>",
            path.join(" "),
            MARGIN + 220.0 * number as f64,
            escaped(label)
        );
    }
    let _ = write!(
        page,
        "<text x=\"{MARGIN}\" y=\"{:.1}\">0</text><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{} {across}</text><text x=\"{:.1}\" y=\"14\" text-anchor=\"end\">{up}</text></svg>",
        HEIGHT - 8.0,
        WIDTH - MARGIN,
        HEIGHT - 8.0,
        points - 1,
        WIDTH - 4.0
    );
}

/// A number with as many digits as its plot needs.
fn scale(value: f64, top: f64) -> String {
    if top >= 10.0 { grouped(value) } else { format!("{value:.2}") }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_stays_inside_its_frame_and_names_are_escaped() {
        let mut page = String::new();
        plot(&mut page, "a<b", "seconds", "ms", &["one & two"], &[vec![0.0, 5.0, 20.0]]);
        assert!(page.contains("a&lt;b") && page.contains("one &amp; two"));
        let points = page.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
        for point in points.split(' ') {
            let (x, y) = point.split_once(',').unwrap();
            assert!((0.0..=WIDTH).contains(&x.parse::<f64>().unwrap()), "{point}");
            assert!((0.0..=HEIGHT).contains(&y.parse::<f64>().unwrap()), "{point}");
        }
        let mut nothing = String::new();
        plot(&mut nothing, "empty", "", "", &[], &[Vec::new()]);
        assert!(nothing.is_empty());
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(1_234_567.4), "1,234,567");
        assert_eq!(grouped(12.0), "12");
        assert_eq!(grouped(-1_234.0), "-1,234");
    }
}
