//! What the children of PHP-FPM may take together, and what a container leaves them; and whether opcode is cached for
//! them.

use super::{Layout, PhpSettings, Sapi, ServiceRef, Setting, SettingSource};
use crate::facts::eol::compare_versions;
use crate::model::compose::mounts::MountKind;
use crate::source::Location;

/// The memory that PHP-FPM may take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FpmBudget {
    /// The number of children, in all pools.
    pub children: u64,
    /// The bytes of the largest child.
    pub each: u64,
    /// The bytes of all children, and of the cache of opcode.
    pub total: u64,
    /// The bytes of the cache of opcode.
    pub cache: u64,
    /// Where the number of children is set, when there is one pool.
    pub children_source: Option<SettingSource>,
    /// Where the bytes of a child are set.
    pub each_at: Option<Location>,
}

impl FpmBudget {
    /// The number of children that fit into a limit; `None` when not even one does.
    #[must_use]
    pub fn fitting(&self, limit: u64) -> Option<u64> {
        // What the master and the libraries take.
        const REST: u64 = 32 << 20;
        let left = limit.checked_sub(self.cache)?.checked_sub(REST)?;
        left.checked_div(self.each).filter(|children| *children > 0)
    }
}

impl ServiceRef<'_, '_> {
    /// What PHP-FPM may take; `None` where a part of the sum is not known, or has no limit.
    #[must_use]
    pub fn fpm_budget(self) -> Option<FpmBudget> {
        if self.php_sapi() != Sapi::Fpm {
            return None;
        }
        let pools = self.fpm_pools();
        let mut out = FpmBudget { children: 0, each: 0, total: 0, cache: 0, children_source: None, each_at: None };
        for pool in &pools {
            let settings = self.php_settings_of(Sapi::Fpm, Some(pool));
            let limit = settings.setting("memory_limit");
            let each = u64::try_from(limit.bytes()?).ok().filter(|bytes| *bytes > 0)?;
            let children = pool.number("pm.max_children")?;
            out.children = out.children.checked_add(children)?;
            out.total = out.total.checked_add(children.checked_mul(each)?)?;
            if each > out.each {
                (out.each, out.each_at) = (each, limit.at);
            }
            if settings.caches_opcode() == Some(true) {
                let megabytes = u64::try_from(settings.bytes("opcache.memory_consumption")?).ok()?;
                out.cache = megabytes.checked_mul(1 << 20)?;
            }
        }
        if let [pool] = pools.as_slice() {
            let name = "pm.max_children".to_owned();
            out.children_source = pool.directive(&name).and_then(|directive| {
                // `${CHILDREN}` is written where the variable is.
                let setting = Setting {
                    name: name.clone(),
                    text: directive.value.clone(),
                    at: directive.at,
                    origin: super::SettingOrigin::Ini,
                    overridden: Vec::new(),
                };
                self.setting_source(&setting)
            });
        }
        out.total = out.total.checked_add(out.cache)?;
        (out.children > 0).then_some(out)
    }

    /// Whether its image holds the code that it runs: it is built, and nothing is mounted over it.
    #[must_use]
    pub fn runs_code_of_image(self) -> bool {
        let mut mounts = self.mounts.iter().filter(|mount| mount.kind != MountKind::Tmpfs);
        let mounted = mounts.any(|mount| self.is_code_path(&mount.target));
        self.image_source().service().build_use.is_some() && !mounted
    }

    /// The `FROM` of the stage it is built from, where that stage stands on no other one: what is added there is in no
    /// other image.
    #[must_use]
    pub fn only_stage(self) -> Option<Location> {
        let used = self.build_use.as_ref()?;
        let chain = used.final_chain();
        let [own] = chain.as_slice() else { return None };
        let mut others = used.model.stages.iter().filter(|other| other.index != *own);
        let shared = others.any(|other| used.model.chain(other.index).contains(own));
        let stage = used.model.stages.get(*own).filter(|_| !shared)?;
        let source = used.dockerfile?;
        let from = self.project.dockerfile(source)?.instructions.get(stage.from)?;
        Some(Location::new(source, from.span))
    }
}

impl PhpSettings {
    /// Whether PHP keeps compiled code: OPcache is loaded and on; `None` when that is not known.
    #[must_use]
    pub fn caches_opcode(&self) -> Option<bool> {
        let part_of_php = self.version.as_deref().is_some_and(|version| compare_versions(version, "8.5").is_ge());
        let loaded = self.extension("opcache").is_some()
            || self.drop_ins.iter().any(|path| path.contains("opcache"))
            || self.setting("zend_extension").text.is_some_and(|text| text.contains("opcache"));
        let shipped = self.layout == Layout::ServersideUp;
        if !(part_of_php || loaded || shipped) {
            return Some(false);
        }
        self.flag("opcache.enable")
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn the_sum() {
        let build =
            "FROM php:8.4-fpm\nRUN docker-php-ext-install opcache\nCOPY pool.conf /usr/local/etc/php-fpm.d/zzz.conf\n";
        let pool = "[www]\npm.max_children = 10\nphp_admin_value[memory_limit] = 256M\n";
        let sources = sources(&[("Dockerfile", build), ("pool.conf", pool)]);
        let project = Project::new(&sources, TODAY);
        let budget = project.services().next().unwrap().fpm_budget().unwrap();
        assert_eq!((budget.children, budget.each >> 20, budget.cache >> 20), (10, 256, 128));
        assert_eq!(budget.total >> 20, 2688);
        assert_eq!(budget.fitting(1 << 30), Some(3));
        assert_eq!(budget.fitting(256 << 20), None);
        assert!(budget.children_source.is_some());
    }

    #[test]
    fn opcode() {
        let caches = |build: &str| {
            let sources = sources(&[("Dockerfile", build)]);
            let project = Project::new(&sources, TODAY);
            project.services().next().unwrap().php_settings().caches_opcode()
        };
        assert_eq!(caches("FROM php:8.4-fpm\n"), Some(false));
        assert_eq!(caches("FROM php:8.5-fpm\n"), Some(true));
        assert_eq!(caches("FROM php:8.3-fpm\nRUN docker-php-ext-install opcache\n"), Some(true));
        let off = "FROM php:8.5-fpm\nRUN echo 'opcache.enable=0' > /usr/local/etc/php/conf.d/a.ini\n";
        assert_eq!(caches(off), Some(false));
    }
}
