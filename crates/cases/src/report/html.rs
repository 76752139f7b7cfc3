//! A report as one HTML page.
//!
//! Always holds: the page needs nothing else and runs nothing: no script, no font, no picture, no style from elsewhere, and a policy in its
//! head that forbids them. Tables have captions and headings with scopes; charts have titles and descriptions, and a table that says
//! the same. It is to be read in light and dark, on a small screen and on paper.

use std::fmt::Write as _;

use super::{Block, Report, Section, TITLE, Table};
use crate::drawing::escaped;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1b1b;--soft:#555;--paper:#fff;--rule:#d0d0d0;--shade:#f4f4f2;--link:#0b5394}\
@media (prefers-color-scheme:dark){:root{--ink:#e8e8e8;--soft:#a8a8a8;--paper:#161616;--rule:#444;--shade:#202020;--link:#7db8f0}}\
*{box-sizing:border-box}body{margin:0 auto;max-width:72rem;padding:1.5rem;background:var(--paper);color:var(--ink);\
font:16px/1.5 system-ui,sans-serif}h1{margin:0 0 .5rem}h2{margin:2.5rem 0 .5rem;border-bottom:2px solid var(--rule);padding-bottom:.2rem}\
p,ul{max-width:46rem}a{color:var(--link)}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:0}\
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}\
.wide{overflow-x:auto;margin:1rem 0}table{border-collapse:collapse;width:100%;font-size:.875rem}\
caption{text-align:left;font-weight:600;padding:.3rem 0}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--rule)}\
thead th{background:var(--shade);border-bottom:2px solid var(--rule)}tbody th{font-weight:400}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
code{font:.8rem/1.4 ui-monospace,monospace;overflow-wrap:anywhere}.w{white-space:nowrap}.h{overflow-wrap:anywhere;min-width:14rem}td.q{min-width:23rem;color:var(--soft)}td.q .name{color:var(--ink)}\
figure{margin:1rem 0}svg{max-width:100%;height:auto;--chart-paper:transparent}\
nav ol{columns:2;max-width:46rem;margin:.5rem 0}nav{margin-top:1.5rem}\
@media (max-width:40rem){body{padding:.8rem}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}nav ol{columns:1}}\
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--paper:#fff;--rule:#bbb;--shade:#f2f2f2;--link:#000;\
--chart-ink:#000;--chart-rule:#ccc;--chart-0:#0b5394;--chart-1:#a64d00;--chart-2:#2d6a2d;--chart-3:#6a2d6a}\
body{max-width:none;padding:0;font-size:10pt}.wide{overflow:visible}table{font-size:8pt}code{font-size:7pt}nav{display:none}\
thead{display:table-header-group}tr,figure{break-inside:avoid}h2{break-after:avoid}@page{size:A4;margin:18mm 15mm}}";

pub(super) fn write(report: &Report) -> String {
    let mut page = Page(String::new());
    page.put(format_args!("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>"));
    page.put(format_args!("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"));
    page.put(format_args!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>"
    ));
    page.put(format_args!("<title>{TITLE}, as known at {}</title>", escaped(&report.heading.as_of)));
    page.put(format_args!("<style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{TITLE}</h1>\n<dl>"));
    for (word, meaning) in report.facts() {
        page.put(format_args!("<dt>{word}</dt><dd><code>{}</code></dd>", escaped(&meaning)));
    }
    page.put(format_args!("</dl>\n<nav aria-label=\"Sections\">\n<ol>"));
    for Section { name, title, .. } in &report.sections {
        page.put(format_args!("<li><a href=\"#{name}\">{title}</a></li>"));
    }
    page.put(format_args!("</ol>\n</nav>\n</header>\n<main>"));
    report.sections.iter().for_each(|section| page.section(section));
    page.put(format_args!("</main>\n</body>\n</html>"));
    page.0
}

struct Page(String);

impl Page {
    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{text}").expect("writing to a string");
    }

    fn section(&mut self, section: &Section) {
        let Section { name, title, blocks } = section;
        self.put(format_args!("<section id=\"{name}\" aria-labelledby=\"{name}-title\">"));
        self.put(format_args!("<h2 id=\"{name}-title\">{title}</h2>"));
        for block in blocks {
            match block {
                Block::Text(text) => self.put(format_args!("<p>{}</p>", escaped(text))),
                Block::Points(points) => {
                    self.put(format_args!("<ul>"));
                    for point in points {
                        self.put(format_args!("<li>{}</li>", escaped(point)));
                    }
                    self.put(format_args!("</ul>"));
                }
                Block::Table(table) => self.table(table),
                Block::Chart(chart) => self.put(format_args!("<figure>\n{}</figure>", chart.svg())),
                Block::Flow(flow) => self.put(format_args!("<figure>\n{}</figure>", flow.svg())),
            }
        }
        self.put(format_args!("</section>"));
    }

    fn table(&mut self, table: &Table) {
        if table.rows.is_empty() {
            self.put(format_args!("<p>{}: none.</p>", escaped(&table.title)));
            return;
        }
        // What is wider than the screen is moved with the keyboard, too.
        let caption = escaped(&table.title);
        self.put(format_args!(
            "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\">\n<table>\n<caption>{caption}</caption>\n<thead><tr>"
        ));
        let numeric: Vec<&str> = (0..table.columns.len())
            .map(|column| if table.is_numeric(column) { " class=\"n\"" } else { "" })
            .collect();
        for (column, class) in table.columns.iter().zip(&numeric) {
            self.put(format_args!("<th scope=\"col\"{class}>{}</th>", escaped(column)));
        }
        let traced = table.is_traced();
        if traced {
            self.put(format_args!("<th scope=\"col\">query, and what lists the ids behind it</th>"));
        }
        self.put(format_args!("</tr></thead>\n<tbody>"));
        for row in &table.rows {
            self.put(format_args!("<tr>"));
            for (place, (cell, class)) in row.cells.iter().zip(&numeric).enumerate() {
                let shown = escaped(&cell.shown());
                // A time stays in one piece, and a digest need not.
                let class = match (shown.contains(' '), shown.len()) {
                    _ if !class.is_empty() => class,
                    (false, ..=40) => " class=\"w\"",
                    (false, _) => " class=\"h\"",
                    (true, _) => "",
                };
                match place {
                    0 => self.put(format_args!("<th scope=\"row\"{class}>{shown}</th>")),
                    _ => self.put(format_args!("<td{class}>{shown}</td>")),
                }
            }
            if traced {
                let (name, command) = (escaped(&row.name), escaped(&row.command));
                self.put(format_args!(
                    "<td class=\"q\"><span class=\"name\">{name}</span><br/><code>{command}</code></td>"
                ));
            }
            self.put(format_args!("</tr>"));
        }
        self.put(format_args!("</tbody>\n</table>\n</div>"));
    }
}
