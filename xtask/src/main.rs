//! `cargo xtask {check,test,codegen,tidy,console,bench,torture,fuzz,simulate,watch-load,contract}`: one way in for
//! people, `make` and CI alike.

mod bench;
mod fuzz;
mod simulate;
mod steps;
mod tidy;
mod tools;
mod torture;
mod watch_load;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  check     formatting, lints, types and boundaries: quick
  test      everything CI runs
  codegen   write generated files again: artifacts, OpenAPI document, types
  tidy      check which crate may know which, and what files hold
  console   build the web console that the program embeds
  bench     run the benchmarks: [--quick] [--against-anvil] [--million]
  torture   the fault tests: [--full] [--seed S] [--cases N] [--group NAME]
  fuzz      the fuzz targets: [--seconds N] [--target NAME]
  watch-load  how far the watch is behind under load, and what a kill loses: [--rate N] [--seconds N]
  simulate  a market of adversarial people: [--orders N] [--seed S]
  contract  the API against its OpenAPI document: [--long] [--as passer-by|staff]";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let result = match command.as_str() {
        "check" => steps::check(),
        "test" => steps::test(),
        "codegen" => steps::codegen(),
        "tidy" => tidy::run(),
        "console" => steps::console(),
        "bench" => steps::bench().and_then(|()| bench::run(&std::env::args().skip(2).collect::<Vec<_>>())),
        "torture" => torture::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        "watch-load" => watch_load::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        "simulate" => simulate::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        "contract" => steps::api_contract(&std::env::args().skip(2).collect::<Vec<_>>()),
        "fuzz" => fuzz::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
