//! The kinds of entities as types. Each dereferences to [`EntityRef`], where what is not named here can still be asked for.

use super::{Context, EntityRef, Service, Variable};
use std::ops::Deref;

/// Declares a type for a kind of entity.
macro_rules! kinds {
    ($( $(#[$doc:meta])* $name:ident )+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $name<'p>(pub(super) EntityRef<'p>);

        impl<'p> $name<'p> {
            pub(super) fn of(entity: EntityRef<'p>) -> Self {
                Self(entity)
            }
        }

        impl<'p> Deref for $name<'p> {
            type Target = EntityRef<'p>;
            fn deref(&self) -> &EntityRef<'p> {
                &self.0
            }
        }

        impl<'p> From<$name<'p>> for EntityRef<'p> {
            fn from(value: $name<'p>) -> Self {
                value.0
            }
        }
    )+ };
}
pub(super) use kinds;

kinds! {
    /// A deployment: Compose files that are read together, or a Dockerfile nobody builds.
    View
    /// An image reference as it is written at one place.
    Image
    /// A network of a view.
    Network
    /// A volume that a view declares.
    Volume
    /// A secret that a view declares.
    Secret
    /// A config that a view declares.
    Config
    /// A port that a service publishes.
    Port
    /// Something mounted into a service; its name is the path in the container.
    Mount
}

impl<'p> View<'p> {
    /// The folder its paths start from.
    #[must_use]
    pub fn folder(self) -> &'p str {
        self.property("folder").unwrap_or("")
    }

    /// What kind of deployment it is.
    #[must_use]
    pub fn context(self) -> Context {
        Context::parse(self.property("context").unwrap_or(""))
    }

    /// What a path in its files names in the project, without `.` and with no `..` but at its start. `None` for a path of the machine
    /// (`/srv`, `~/x`) and one with a variable in it.
    #[must_use]
    pub fn resolve(self, path: &str) -> Option<String> {
        if path.starts_with(['/', '~', '\\']) || path.contains('$') {
            return None;
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in self.folder().split('/').chain(path.split('/')) {
            match part {
                "" | "." => {}
                ".." if parts.last().is_some_and(|last| *last != "..") => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        Some(parts.join("/"))
    }

    /// Whether it is what runs, as commands recorded it, and not what is declared.
    #[must_use]
    pub fn running(self) -> bool {
        self.is("running")
    }

    /// The files it is read from.
    pub fn files(self) -> impl Iterator<Item = &'p str> {
        self.0.properties("file").map(|(file, _)| file)
    }

    /// Its services.
    pub fn services(self) -> impl Iterator<Item = Service<'p>> {
        self.0.targets("contains").filter(|entity| entity.kind() == "service").map(Service::of)
    }
}

impl<'p> Image<'p> {
    /// The reference as written, variables filled in.
    #[must_use]
    pub fn text(self) -> &'p str {
        self.name()
    }

    /// Whether all of it is known: no variable without a value.
    #[must_use]
    pub fn known(self) -> bool {
        self.is("known")
    }

    /// `docker.io` for Docker Hub; none when the reference cannot be read.
    #[must_use]
    pub fn registry(self) -> Option<&'p str> {
        self.property("registry")
    }

    /// The full name without tag and digest: `docker.io/library/php`.
    #[must_use]
    pub fn repository(self) -> Option<&'p str> {
        self.property("repository")
    }

    /// The tag, where one is written.
    #[must_use]
    pub fn tag(self) -> Option<&'p str> {
        self.property("tag")
    }

    /// The digest, where one is written.
    #[must_use]
    pub fn digest(self) -> Option<&'p str> {
        self.property("digest")
    }

    /// The name as written, without tag and digest: `php`.
    #[must_use]
    pub fn written_name(self) -> &'p str {
        let digest = self.digest().map_or(0, |digest| digest.len() + 1);
        let tag = self.tag().map_or(0, |tag| tag.len() + 1);
        self.name().len().checked_sub(digest + tag).and_then(|end| self.name().get(..end)).unwrap_or(self.name())
    }
}

impl<'p> Network<'p> {
    /// Whether nothing leads out of it.
    #[must_use]
    pub fn internal(self) -> bool {
        self.is("internal")
    }

    /// Whether it is made outside of this project.
    #[must_use]
    pub fn external(self) -> bool {
        self.is("external")
    }

    /// Its driver, where one is written.
    #[must_use]
    pub fn driver(self) -> Option<&'p str> {
        self.property("driver")
    }

    /// The options of its driver.
    pub fn driver_options(self) -> impl Iterator<Item = Variable<'p>> {
        self.0.variables("driver-option")
    }

    /// Its labels.
    pub fn labels(self) -> impl Iterator<Item = Variable<'p>> {
        self.0.variables("label")
    }

    /// The services in it.
    pub fn services(self) -> impl Iterator<Item = Service<'p>> {
        self.0.sources("uses-network").map(Service::of)
    }
}

impl<'p> Volume<'p> {
    /// Whether it is made outside of this project.
    #[must_use]
    pub fn external(self) -> bool {
        self.is("external")
    }

    /// Its driver, where one is written.
    #[must_use]
    pub fn driver(self) -> Option<&'p str> {
        self.property("driver")
    }

    /// The path of the host that its options bind.
    #[must_use]
    pub fn device(self) -> Option<&'p str> {
        self.property("device")
    }

    /// The options of its driver.
    pub fn driver_options(self) -> impl Iterator<Item = Variable<'p>> {
        self.0.variables("driver-option")
    }

    /// Its labels.
    pub fn labels(self) -> impl Iterator<Item = Variable<'p>> {
        self.0.variables("label")
    }

    /// Where it is mounted.
    pub fn mounts(self) -> impl Iterator<Item = Mount<'p>> {
        self.0.sources("mounts").filter(|entity| entity.kind() == "mount").map(Mount::of)
    }
}

impl<'p> Port<'p> {
    /// The address of the host it is bound to, where one is written.
    #[must_use]
    pub fn host_ip(self) -> Option<&'p str> {
        self.property("host-ip")
    }

    /// The port or range of the host, where one is written.
    #[must_use]
    pub fn published(self) -> Option<&'p str> {
        self.property("published")
    }

    /// The port or range in the container.
    #[must_use]
    pub fn target(self) -> Option<&'p str> {
        self.property("target")
    }

    /// `tcp` or `udp`.
    #[must_use]
    pub fn protocol(self) -> Option<&'p str> {
        self.property("protocol")
    }

    /// Whether all of it is known.
    #[must_use]
    pub fn known(self) -> bool {
        self.is("known")
    }
}

impl<'p> Mount<'p> {
    /// `bind`, `volume`, `anonymous`, `tmpfs` or `other`.
    #[must_use]
    pub fn mount_type(self) -> &'p str {
        self.property("type").unwrap_or("other")
    }

    /// The path of the host as written, or the volume's name.
    #[must_use]
    pub fn source(self) -> Option<&'p str> {
        self.property("source")
    }

    /// Whether the container cannot write to it.
    #[must_use]
    pub fn read_only(self) -> bool {
        self.is("read-only")
    }

    /// Whether all of it is known.
    #[must_use]
    pub fn known(self) -> bool {
        self.is("known")
    }

    /// The declared volume behind it.
    #[must_use]
    pub fn volume(self) -> Option<Volume<'p>> {
        self.0.targets("mounts").find(|entity| entity.kind() == "volume").map(Volume::of)
    }

    /// The service it is mounted into.
    #[must_use]
    pub fn service(self) -> Option<Service<'p>> {
        self.0.sources("mounts").find(|entity| entity.kind() == "service").map(Service::of)
    }
}
