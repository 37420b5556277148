use crate::project::Project;
use crate::rules::testing::{TODAY, sources};

/// Name, program, user, count of each process.
fn processes(files: &[(&str, &str)]) -> Vec<(String, String, Option<String>, Option<u64>)> {
    let sources = sources(files);
    let project = Project::new(&sources, TODAY);
    let found = project.services().next().unwrap().processes();
    found.iter().map(|one| (one.name.clone(), one.program().unwrap_or_default(), one.user.clone(), one.count)).collect()
}

fn one(name: &str, program: &str, user: Option<&str>) -> (String, String, Option<String>, Option<u64>) {
    (name.to_owned(), program.to_owned(), user.map(str::to_owned), Some(1))
}

const CONFIGURATION: &str = "[supervisord]\nnodaemon=true\n[program:php-fpm]\ncommand=/usr/local/sbin/php-fpm -F\n\
    [program:cron]\ncommand=/bin/sh -c \"exec crond -f\"\nuser=root\n[program:queue]\ncommand=su-exec app php artisan queue:work\n\
    [program:computed]\ncommand=nginx\nuser=%(ENV_WHO)s\n";

#[test]
fn programs_of_supervisord_by_every_way() {
    let want = [
        one("php-fpm", "php-fpm", Some("root")),
        one("cron", "crond", Some("root")),
        one("queue", "php", Some("app")),
        one("computed", "nginx", None),
    ];
    for (dockerfile, script) in [
        (
            "FROM php:8.4-fpm\nCOPY supervisord.conf /etc/supervisord.conf\nCMD [\"supervisord\", \"-c\", \"/etc/supervisord.conf\"]\n",
            "",
        ),
        ("FROM php:8.4-fpm\nCOPY supervisord.conf /etc/supervisord.conf\nCMD supervisord -n\n", ""),
        (
            "FROM php:8.4-fpm\nCOPY supervisord.conf /opt/s.conf\nCMD [\"/usr/bin/supervisord\", \"--configuration=/opt/s.conf\"]\n",
            "",
        ),
        (
            "FROM php:8.4-fpm\nCOPY supervisord.conf /etc/supervisor/conf.d/app.conf\nCOPY start.sh /start.sh\nENTRYPOINT [\"/start.sh\"]\n",
            "#!/bin/sh\nset -e\nexec supervisord -n\n",
        ),
        (
            "FROM php:8.4-fpm\nCOPY main.conf /etc/supervisord.conf\nCOPY supervisord.conf /etc/supervisor.d/app.ini\nCMD [\"supervisord\"]\n",
            "",
        ),
    ] {
        let files = [
            ("Dockerfile", dockerfile),
            ("supervisord.conf", CONFIGURATION),
            ("main.conf", "[supervisord]\nnodaemon=true\n[include]\nfiles = /etc/supervisor.d/*.ini\n"),
            ("start.sh", script),
        ];
        assert_eq!(processes(&files), want, "{dockerfile}");
    }
}

#[test]
fn the_daemon_s_user_and_that_of_the_container() {
    let dockerfile = "FROM php:8.4-fpm\nCOPY s.conf /etc/supervisord.conf\nUSER www-data\nCMD [\"supervisord\", \"-c\", \"/etc/supervisord.conf\"]\n";
    let files = [("Dockerfile", dockerfile), ("s.conf", "[program:a]\ncommand=php a.php\nnumprocs=3\n")];
    assert_eq!(processes(&files), [("a".to_owned(), "php".to_owned(), Some("www-data".to_owned()), Some(3))]);
    let files = [
        (
            "Dockerfile",
            "FROM php:8.4-fpm\nCOPY s.conf /etc/supervisord.conf\nCMD [\"supervisord\", \"-c\", \"/etc/supervisord.conf\"]\n",
        ),
        ("s.conf", "[supervisord]\nuser=app\n[program:a]\ncommand=php a.php\n"),
    ];
    assert_eq!(processes(&files), [one("a", "php", Some("app"))]);
}

#[test]
fn what_was_not_supplied_is_told() {
    let sources = sources(&[("Dockerfile", "FROM php:8.4-fpm\nCMD [\"supervisord\", \"-c\", \"/etc/s.conf\"]\n")]);
    let project = Project::new(&sources, TODAY);
    let service = project.services().next().unwrap();
    assert_eq!(service.supervisor().unwrap().unseen.as_deref(), Some("/etc/s.conf"));
    assert!(service.processes().is_empty());
    let none = crate::rules::testing::sources(&[("Dockerfile", "FROM php:8.4-fpm\n")]);
    assert!(Project::new(&none, TODAY).services().next().unwrap().supervisor().is_none());
}

#[test]
fn services_of_s6() {
    let files = [
        ("Dockerfile", "FROM serversideup/php:8.4-fpm-nginx\nCOPY services.d/ /etc/services.d/\n"),
        ("services.d/queue/run", "#!/command/with-contenv sh\nexec s6-setuidgid app php /app/artisan queue:work\n"),
    ];
    assert_eq!(processes(&files), [one("queue", "php", Some("app"))]);
}

#[test]
fn roadrunner_of_a_service() {
    let files = [
        ("Dockerfile", "FROM php:8.4-cli\nCOPY . /app\nCMD [\"rr\", \"serve\", \"-c\", \".rr.yaml\"]\n"),
        (".rr.yaml", "rpc:\n  listen: tcp://0.0.0.0:6001\n"),
    ];
    let sources = sources(&files);
    let project = Project::new(&sources, TODAY);
    let read = project.services().next().unwrap().roadrunner().unwrap();
    assert_eq!(project.slice(read.rpc.unwrap().at), "tcp://0.0.0.0:6001");
}
