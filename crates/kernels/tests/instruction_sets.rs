//! The environment variable, which a process reads once: so each value has a process of its own.

use std::process::Command;

use kernels::instruction_sets::{Cap, InstructionSets, UnknownCap, VARIABLE, from_environment};

/// Set in the processes that [`said_under`] starts.
const CHILD: &str = "ATTUNE_TEST_CHILD";

/// Runs [`says_what_is_in_use`] with a value of the variable and returns what it says.
fn said_under(value: Option<&str>) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "says_what_is_in_use", "--nocapture"]);
    command.env(CHILD, "1").env_remove(VARIABLE);
    command.envs(value.map(|value| (VARIABLE, value)));
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let said = output.lines().find_map(|line| line.split_once("said: "));
    said.unwrap_or_else(|| panic!("{output}")).1.to_owned()
}

#[test]
fn says_what_is_in_use() {
    if std::env::var_os(CHILD).is_some() {
        match from_environment() {
            Ok(sets) => {
                assert_eq!(sets, InstructionSets::in_use());
                println!("\nsaid: {sets}");
            }
            Err(error) => println!("\nsaid: {error}"),
        }
    }
}

#[test]
fn the_variable_caps_what_is_used() {
    let all = InstructionSets::of_processor();
    for cap in Cap::ALL {
        let left: Vec<_> = all.iter().filter(|set| set.cap() <= cap).collect();
        let names: Vec<_> = left.into_iter().map(|set| set.name()).collect();
        let wanted = match names.is_empty() {
            true => "portable".to_owned(),
            false => names.join(", "),
        };
        assert_eq!(said_under(Some(cap.name())), wanted);
    }
    assert_eq!(said_under(None), all.to_string());
    assert_eq!(said_under(Some("")), all.to_string());
}

#[test]
fn a_wrong_value_is_an_error() {
    let value = "avx9";
    let error = UnknownCap {
        value: value.to_owned(),
    };
    assert_eq!(said_under(Some(value)), error.to_string());
}
