use super::*;

const TEXT: &str = "SHELL=/bin/bash\nMAILTO = \"ops@example.net\"\n# every minute\n* * * * * www-data php /app/artisan schedule:run >> /dev/null 2>&1\n@daily root /usr/local/bin/backup.sh\n0 3 * * mon-fri root mysqldump -u x db%first line%second \\% line\n";

#[test]
fn jobs_variables_and_comments() {
    let cron = parse(TEXT);
    assert_eq!(cron.errors, []);
    assert_eq!(cron.comments.iter().map(|span| span.slice(TEXT)).collect::<Vec<_>>(), ["# every minute"]);
    let shown: Vec<(&str, &str)> =
        cron.variables.iter().map(|variable| (variable.name.as_str(), variable.value.as_str())).collect();
    assert_eq!(shown, [("SHELL", "/bin/bash"), ("MAILTO", "ops@example.net")]);
    assert_eq!(cron.variables[1].value_span.slice(TEXT), "\"ops@example.net\"");
    assert!(cron.seems_to_name_users());
    let job = cron.entries[0].job(true);
    let (user, at) = job.user.unwrap();
    assert_eq!((user.as_str(), at.slice(TEXT)), ("www-data", "www-data"));
    assert_eq!(job.command_span.slice(TEXT), "php /app/artisan schedule:run >> /dev/null 2>&1");
    assert_eq!(cron.entries[0].schedule_span.slice(TEXT), "* * * * *");
    assert_eq!(cron.entries[1].schedule, Schedule::Named("daily".to_owned()));
    let mail = cron.entries[2].job(true);
    assert_eq!(
        (mail.command.as_str(), mail.input.as_deref()),
        ("mysqldump -u x db", Some("first line\nsecond % line"))
    );
    assert_eq!(cron.variable_of(&cron.entries[0], "SHELL").unwrap().value, "/bin/bash");
}

#[test]
fn a_users_own_crontab() {
    for text in
        ["* * * * * php /app/artisan schedule:run\n", "@every 5m curl -s http://x/\n", "*/5 * * * * cd /app && ./x\n"]
    {
        let cron = parse(text);
        assert!(!cron.seems_to_name_users() && cron.errors.is_empty(), "{text}");
        assert!(cron.entries[0].job(false).user.is_none());
    }
    let text = "5 0 * * * date +\\%F > /tmp/x\n";
    let job = parse(text).entries[0].job(false);
    assert_eq!((job.command.as_str(), job.command_span.slice(text)), ("date +%F > /tmp/x", "date +\\%F > /tmp/x"));
}

#[test]
fn one_broken_line_hides_no_other() {
    let text = "* * * * php x\n@dayly php x\n* * * * *\n0 0 * * * php y\n";
    let cron = parse(text);
    let said: Vec<(&str, &str)> =
        cron.errors.iter().map(|error| (error.span.slice(text), error.message.as_str())).collect();
    assert_eq!(
        said,
        [("@dayly", "cron knows no schedule of this name"), ("* * * * *", "this line is no schedule with a command")]
    );
    // `php` is taken for a day of the week by its letters, so the first line is an entry.
    assert_eq!(cron.entries.last().unwrap().rest, "php y");
    assert_eq!(parse("a * * * * x\n").errors[0].message, "this is no minute");
}

#[test]
fn line_ends_marks_prefixes_and_sizes() {
    let text = "\u{feff}# ä\r\n* * * * * root echo ü\r\n";
    let cron = parse(text);
    assert_eq!(cron.comments[0].slice(text), "# ä");
    assert_eq!(cron.entries[0].job(true).command_span.slice(text), "echo ü");
    for (at, _) in TEXT.char_indices() {
        let _ = parse(&TEXT[..at]);
        let mut gap = TEXT.to_owned();
        gap.remove(at);
        for entry in parse(&gap).entries {
            let _ = entry.job(true);
            let _ = entry.job(false);
        }
    }
    assert!(parse(&"* * * * * x\n".repeat(60_000)).errors.len() == 1);
    let _ = parse(&"%".repeat(900_000));
    assert_eq!(parse(&"* * * * * x ".repeat(50_000)).entries.len(), 1);
}
