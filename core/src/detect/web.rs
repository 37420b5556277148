//! Which web server a configuration is of.

use super::Kind;

/// Configuration of a web server, by a folder that such files lie in and a line that has its shape.
pub(super) fn by_folder(path: &str, name: &str, text: &str) -> Option<Kind> {
    let within =
        |names: &[&str]| path.split('/').rev().skip(1).any(|part| names.contains(&part.to_ascii_lowercase().as_str()));
    let code = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let lines = || text.lines().map(str::trim).filter(code).take(200);
    let example = name.trim_end_matches(".example").trim_end_matches(".sample").trim_end_matches(".dist");
    let stem = example.trim_end_matches(".template");
    let sites = within(&["sites-enabled", "sites-available", "snippets", "server-opts.d", "site-opts.d"]);
    let conf =
        stem.ends_with(".conf") || stem.ends_with(".nginx") || stem.ends_with(".vhost") || sites && !name.contains('.');
    if !conf || lines().next().is_none() {
        return None;
    }
    // nginx ends its lines with `;` or a brace; Apache has neither.
    let nginx = || lines().any(|line| line.ends_with([';', '{']) || line.ends_with('}') && line.contains("{ "));
    let apache = || lines().any(|line| line.starts_with('<')) || !nginx() && lines().any(is_apache_line);
    let folder = within(&["nginx", "openresty"])
        || within(&["templates", "conf.d"]) && is_nginx(lines())
        || sites
        || stem.ends_with(".nginx");
    let other = within(&["apache", "apache2", "httpd", "conf-enabled", "conf-available", "mods-enabled"]);
    if (other || folder || sites) && apache() {
        return Some(Kind::Apache);
    }
    (folder && nginx()).then_some(Kind::Nginx)
}

/// Whether a line begins with a directive that only Apache has.
pub(super) fn is_apache_line(line: &str) -> bool {
    const DIRECTIVES: [&str; 20] = [
        "servername",
        "serveralias",
        "documentroot",
        "rewriteengine",
        "rewriterule",
        "rewritecond",
        "loadmodule",
        "servertokens",
        "directoryindex",
        "serversignature",
        "proxypass",
        "proxypassmatch",
        "allowoverride",
        "sslengine",
        "remoteipheader",
        "listen",
        "php_value",
        "php_flag",
        "includeoptional",
        "traceenable",
    ];
    let word = line.split_whitespace().next().unwrap_or("").to_ascii_lowercase();
    DIRECTIVES.contains(&word.as_str()) && !line.ends_with([';', '{'])
}

/// Whether lines are those of an nginx server.
pub(super) fn is_nginx<'t>(mut lines: impl Iterator<Item = &'t str>) -> bool {
    let begins =
        |line: &str, word: &str| line.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '\t', '{']));
    lines.any(|line| {
        (begins(line, "server") || begins(line, "location") || begins(line, "upstream") || begins(line, "http"))
            && line.ends_with('{')
            || begins(line, "server {")
            || [
                "fastcgi_pass",
                "proxy_pass",
                "add_header",
                "try_files",
                "fastcgi_param",
                "proxy_set_header",
                "server_name",
                "ssl_certificate",
            ]
            .iter()
            .any(|word| begins(line, word) && line.ends_with(';'))
            || line.starts_with("server {")
            || line.starts_with("location ") && line.contains('{')
    })
}

/// Whether lines are those of a Caddyfile: a directive only Caddy has, or a site's address before a brace.
pub(super) fn is_caddyfile<'t>(lines: impl Iterator<Item = &'t str>) -> bool {
    const DIRECTIVES: [&str; 9] = [
        "php_fastcgi",
        "reverse_proxy",
        "file_server",
        "php_server",
        "encode",
        "handle_path",
        "auto_https",
        "basic_auth",
        "frankenphp",
    ];
    let mut braces = false;
    let mut directive = false;
    for line in lines {
        if line.ends_with(';') {
            return false;
        }
        let word = line.split_whitespace().next().unwrap_or("");
        directive |= DIRECTIVES.contains(&word);
        braces |= line.ends_with(" {")
            && (word.contains('.')
                || word.starts_with(':')
                || word.starts_with("localhost")
                || word.starts_with("{$")
                || word.starts_with("http"));
    }
    directive && braces
}
