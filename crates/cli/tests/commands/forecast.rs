//! `forecast`: from a file of counts, as tables, as JSON and as a chart; what cannot be told is refused.

use crate::desk::Desk;

/// Two years of an invented office that falls behind a little every month.
fn counted() -> Desk {
    let desk = Desk::empty();
    let row = |month: u32| format!("2030-{month:02},{},{},{}\n", 100 + month % 3, 90, 200 + 11 * month);
    let rows: String = (1..=24).map(row).collect();
    desk.write("months.csv", format!("period,receipts,completions,stock\n{rows}"));
    desk
}

const OFFICE: &str = "forecast --history months.csv --reviewers 4 --per-day 1.5 --horizon 6";

#[test]
fn a_forecast_tells_the_course_the_queue_and_its_own_errors() {
    let desk = counted();
    let said = desk.run(&format!("{OFFICE} --json")).ends(0).json();
    assert_eq!((&said["origin"], &said["stock"]), (&"2030-24".into(), &464.into()));
    assert_eq!(said["as_before"].as_array().unwrap().len(), 6);
    let stock = said["as_before"][5]["stock"].as_f64().unwrap();
    assert!((stock - (464.0 + 6.0 * 11.0)).abs() < 1e-6, "{stock}");
    for field in ["receipts", "completions", "adjustment", "band_50", "band_80", "band_95"] {
        assert!(said["as_before"][0].get(field).is_some(), "{field}");
    }
    assert_eq!(said, desk.run(&format!("{OFFICE} --json")).ends(0).json());
    let table = desk.run(OFFICE).ends(0).out;
    for told in
        ["464 waiting at the end of 2030-24", "working days (median)", "past their deadline", "adjustment"]
    {
        assert!(table.contains(told), "{told}: {table}");
    }
}

#[test]
fn more_reviewers_are_done_sooner_and_a_shock_and_a_second_person_take_longer() {
    let desk = counted();
    let days = |options: &str| {
        let said = desk.run(&format!("{OFFICE} --json {options}")).ends(0).json();
        said["scenario"]["start_cleared_days"].as_u64().unwrap_or(u64::MAX)
    };
    let usual = days("");
    assert!(days("--approvers 2 --confirmed 1") > usual);
    assert!(days("--reopened 0.4 --reopened-after 5") > usual);
    let open = |options: &str| {
        let said = desk.run(&format!("{OFFICE} --json {options}")).ends(0).json();
        said["scenario"]["periods"][5]["open"].as_u64().unwrap()
    };
    assert_eq!(open("--shock 2:300"), open("") + 300);
}

#[test]
fn urgent_alerts_keep_their_deadline_while_others_wait() {
    let desk = counted();
    let said =
        desk.run(&format!("{OFFICE} --json --class urgent:0.2:20 --class other:0.8:40")).ends(0).json();
    let late = |place: usize| said["scenario"]["classes"][place]["past_deadline"].as_f64().unwrap();
    assert!(late(0) < 0.01 && late(1) > 0.5, "{said}");
    let table = desk.run(&format!("{OFFICE} --class urgent:0.2:20 --class other:0.8:40")).ends(0).out;
    assert!(table.contains("urgent") && table.contains("40 working days"), "{table}");
    desk.run(&format!("{OFFICE} --class urgent")).ends(2).tells("urgent:0.2:3");
    desk.run(&format!("{OFFICE} --class a:2:3")).ends(2).tells("the share of a class must be from 0 to 1");
}

#[test]
fn the_chart_is_a_new_file_and_the_same_every_time() {
    let desk = counted();
    desk.run(&format!("{OFFICE} --svg one.svg")).ends(0);
    desk.run(&format!("{OFFICE} --svg two.svg")).ends(0);
    let chart = |name: &str| std::fs::read_to_string(desk.path(name)).unwrap();
    assert_eq!(chart("one.svg"), chart("two.svg"));
    assert!(chart("one.svg").starts_with("<svg ") && chart("one.svg").contains("464 waited"));
    desk.run(&format!("{OFFICE} --svg one.svg")).ends(2).tells("one.svg exists");
}

#[test]
fn what_cannot_be_told_is_refused() {
    let desk = counted();
    desk.write("hole.csv", "period,receipts,completions,stock\na,1,1,5\nb,?,1,5\n");
    let asked = |history: &str| format!("forecast {history} --reviewers 1 --per-day 1 --horizon 2");
    desk.run(&asked("--history hole.csv")).ends(3).tells("hole.csv, line 3");
    desk.run(&asked("--history none.csv")).ends(3).tells("none.csv");
    Desk::stocked().run(&asked("")).ends(2).tells("--history");
    desk.run(&format!("{OFFICE} --shock 9:5"))
        .ends(2)
        .tells("a shock must fall into a period of the horizon");
    desk.run(&format!("{OFFICE} --shock many")).ends(2).tells("2:400");
    desk.run(&format!("{OFFICE} --reopened 1.5")).ends(2).tells("the share of reopening must be from 0 to 1");
}
