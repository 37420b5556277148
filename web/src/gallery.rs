//! Stacks to start from, each as it is often found and as it is after the work.

use crate::intake::File;

/// A version of a stack: names and texts.
type Texts = &'static [(&'static str, &'static str)];

/// One stack of the gallery.
#[derive(Debug)]
pub(crate) struct Stack {
    /// Its folder, and its heading in the menu.
    pub(crate) id: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) vulnerable: Texts,
    pub(crate) hardened: Texts,
}

impl Stack {
    /// Its files.
    pub(crate) fn files(&self, hardened: bool) -> Vec<File> {
        let texts = if hardened { self.hardened } else { self.vulnerable };
        // An empty file is there to keep its folder: there is nothing to read in it.
        let file =
            |&(path, text): &(&str, &str)| if text.is_empty() { File::name(path) } else { File::text(path, text) };
        texts.iter().map(file).collect()
    }

    /// Its name, with the version.
    pub(crate) fn title(&self, hardened: bool) -> String {
        if hardened { format!("{}, hardened", self.name) } else { self.name.to_owned() }
    }
}

/// The first is what the page starts with.
pub(crate) static STACKS: [Stack; 3] = [
    Stack {
        id: "larashop",
        heading: "Laravel",
        name: "Larashop",
        about: "A shop as it is often found, on one network",
        vulnerable: LARASHOP_VULNERABLE,
        hardened: LARASHOP_HARDENED,
    },
    Stack {
        id: "invoice-hub",
        heading: "Symfony",
        name: "Invoice Hub",
        about: "Invoices on FrankenPHP, with a production override",
        vulnerable: INVOICE_HUB_VULNERABLE,
        hardened: INVOICE_HUB_HARDENED,
    },
    Stack {
        id: "agency-host",
        heading: "WordPress",
        name: "Agency host",
        about: "Client sites behind one proxy, and a backup job",
        vulnerable: AGENCY_HOST_VULNERABLE,
        hardened: AGENCY_HOST_HARDENED,
    },
];

// gallery:begin — what follows is written by the test below from the folders of web/gallery
#[rustfmt::skip]
const LARASHOP_VULNERABLE: Texts = &[
    (".env", include_str!("../gallery/larashop/vulnerable/.env")),
    (".gitlab-ci.yml", include_str!("../gallery/larashop/vulnerable/.gitlab-ci.yml")),
    ("Dockerfile", include_str!("../gallery/larashop/vulnerable/Dockerfile")),
    ("artisan", include_str!("../gallery/larashop/vulnerable/artisan")),
    ("composer.json", include_str!("../gallery/larashop/vulnerable/composer.json")),
    ("composer.lock", include_str!("../gallery/larashop/vulnerable/composer.lock")),
    ("deploy.sh", include_str!("../gallery/larashop/vulnerable/deploy.sh")),
    ("deploy_key", include_str!("../gallery/larashop/vulnerable/deploy_key")),
    ("docker-compose.yml", include_str!("../gallery/larashop/vulnerable/docker-compose.yml")),
    ("docker/nginx/default.conf", include_str!("../gallery/larashop/vulnerable/docker/nginx/default.conf")),
    ("docker/php/php.ini", include_str!("../gallery/larashop/vulnerable/docker/php/php.ini")),
    ("inventory/docker-diff-larashop-app-1.txt", include_str!("../gallery/larashop/vulnerable/inventory/docker-diff-larashop-app-1.txt")),
    ("inventory/docker-ps.ndjson", include_str!("../gallery/larashop/vulnerable/inventory/docker-ps.ndjson")),
    ("public/index.php", include_str!("../gallery/larashop/vulnerable/public/index.php")),
    ("storage/logs/.gitkeep", include_str!("../gallery/larashop/vulnerable/storage/logs/.gitkeep")),
];
#[rustfmt::skip]
const LARASHOP_HARDENED: Texts = &[
    (".dockerignore", include_str!("../gallery/larashop/hardened/.dockerignore")),
    ("Dockerfile", include_str!("../gallery/larashop/hardened/Dockerfile")),
    ("compose.yaml", include_str!("../gallery/larashop/hardened/compose.yaml")),
    ("docker/nginx/default.conf", include_str!("../gallery/larashop/hardened/docker/nginx/default.conf")),
    ("docker/php/zz-app.ini", include_str!("../gallery/larashop/hardened/docker/php/zz-app.ini")),
    ("docker/php/zzz-app.conf", include_str!("../gallery/larashop/hardened/docker/php/zzz-app.conf")),
    ("docker/redis/redis.conf", include_str!("../gallery/larashop/hardened/docker/redis/redis.conf")),
    ("secrets/redis_users.acl.example", include_str!("../gallery/larashop/hardened/secrets/redis_users.acl.example")),
];
#[rustfmt::skip]
const INVOICE_HUB_VULNERABLE: Texts = &[
    (".env", include_str!("../gallery/invoice-hub/vulnerable/.env")),
    (".github/workflows/build.yml", include_str!("../gallery/invoice-hub/vulnerable/.github/workflows/build.yml")),
    ("Dockerfile", include_str!("../gallery/invoice-hub/vulnerable/Dockerfile")),
    ("bin/console", include_str!("../gallery/invoice-hub/vulnerable/bin/console")),
    ("compose.prod.yaml", include_str!("../gallery/invoice-hub/vulnerable/compose.prod.yaml")),
    ("compose.yaml", include_str!("../gallery/invoice-hub/vulnerable/compose.yaml")),
    ("composer.json", include_str!("../gallery/invoice-hub/vulnerable/composer.json")),
    ("config/bundles.php", include_str!("../gallery/invoice-hub/vulnerable/config/bundles.php")),
    ("docker/Caddyfile", include_str!("../gallery/invoice-hub/vulnerable/docker/Caddyfile")),
    ("public/cache/.gitkeep", include_str!("../gallery/invoice-hub/vulnerable/public/cache/.gitkeep")),
];
#[rustfmt::skip]
const INVOICE_HUB_HARDENED: Texts = &[
    ("compose.yaml", include_str!("../gallery/invoice-hub/hardened/compose.yaml")),
];
#[rustfmt::skip]
const AGENCY_HOST_VULNERABLE: Texts = &[
    ("Dockerfile", include_str!("../gallery/agency-host/vulnerable/Dockerfile")),
    ("backup.env", include_str!("../gallery/agency-host/vulnerable/backup.env")),
    ("conf/php.ini", include_str!("../gallery/agency-host/vulnerable/conf/php.ini")),
    ("docker-compose.yml", include_str!("../gallery/agency-host/vulnerable/docker-compose.yml")),
    ("dump.sql", include_str!("../gallery/agency-host/vulnerable/dump.sql")),
    ("wp-config.php", include_str!("../gallery/agency-host/vulnerable/wp-config.php")),
];
#[rustfmt::skip]
const AGENCY_HOST_HARDENED: Texts = &[
    ("compose.yaml", include_str!("../gallery/agency-host/hardened/compose.yaml")),
];
// gallery:end

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::{Path, PathBuf};

    fn files(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut pending = vec![folder.to_path_buf()];
        while let Some(next) = pending.pop() {
            for entry in fs::read_dir(&next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    pending.push(path);
                } else {
                    let parts: Vec<_> =
                        path.strip_prefix(folder).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
                    found.push(parts.join("/"));
                }
            }
        }
        found.sort();
        found
    }

    fn table(gallery: &Path) -> String {
        let mut out = String::new();
        for stack in &STACKS {
            for version in ["vulnerable", "hardened"] {
                let name = format!("{}_{version}", stack.id.replace('-', "_")).to_uppercase();
                out.push_str(&format!("#[rustfmt::skip]\nconst {name}: Texts = &[\n"));
                for path in files(&gallery.join(stack.id).join(version)) {
                    out.push_str(&format!(
                        "    (\"{path}\", include_str!(\"../gallery/{}/{version}/{path}\")),\n",
                        stack.id
                    ));
                }
                out.push_str("];\n");
            }
        }
        out
    }

    #[test]
    fn the_table_is_what_the_folders_hold() {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let file = here.join("src/gallery.rs");
        let text = fs::read_to_string(&file).unwrap();
        let (head, rest) = text.split_once("from the folders of web/gallery\n").unwrap();
        let (old, tail) = rest.split_once("// gallery:end\n").unwrap();
        let new = table(&here.join("gallery"));
        if old != new {
            fs::write(&file, format!("{head}from the folders of web/gallery\n{new}// gallery:end\n{tail}")).unwrap();
            panic!("the gallery's folders changed: src/gallery.rs was written anew; run the tests again");
        }
    }

    #[test]
    fn every_stack_has_something_to_show() {
        for stack in &STACKS {
            for hardened in [false, true] {
                assert!(
                    stack.files(hardened).iter().any(|file| file.path.contains("compose")),
                    "{}",
                    stack.title(hardened)
                );
            }
        }
    }
}
