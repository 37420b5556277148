//! Volumes, binds, tmpfs.

use crate::{it, notices};
use plimsoll_core::model::compose::mounts::{Mount, MountKind};

fn mount(text: &str, ask: impl FnOnce(&Mount)) {
    it(&format!("image: x\nvolumes:\n  - {text}"), |it| ask(&it.mounts[0]));
}

#[test]
fn the_short_syntax() {
    for (text, kind, source, target, read_only) in [
        ("/data", MountKind::Anonymous, None, "/data", false),
        ("data:/data", MountKind::Volume, Some("data"), "/data", false),
        ("./a:/b", MountKind::Bind, Some("./a"), "/b", false),
        ("/a:/b:ro", MountKind::Bind, Some("/a"), "/b", true),
        ("~/a:/b:rw", MountKind::Bind, Some("~/a"), "/b", false),
        ("..:/b", MountKind::Bind, Some(".."), "/b", false),
        ("'C:\\x:/b'", MountKind::Bind, Some("C:\\x"), "/b", false),
        ("'\\\\srv\\x:/b'", MountKind::Bind, Some("\\\\srv\\x"), "/b", false),
    ] {
        mount(text, |mount| {
            assert_eq!(mount.kind, kind, "{text}");
            assert_eq!(mount.source.as_deref(), source, "{text}");
            assert_eq!((mount.target.as_str(), mount.read_only), (target, read_only), "{text}");
        });
    }
}

#[test]
fn a_short_bind_makes_its_host_path() {
    mount("./a:/b", |mount| assert!(mount.creates_source));
    mount("data:/b", |mount| assert!(!mount.creates_source));
}

#[test]
fn a_colon_in_a_variable_separates_nothing() {
    mount("\"${DIR:-./x}:/b\"", |mount| {
        assert_eq!((mount.kind, mount.source.as_deref(), mount.target.as_str()), (MountKind::Bind, Some("./x"), "/b"));
    });
    mount("\"${DIR}:/b:ro\"", |mount| {
        assert_eq!((mount.target.as_str(), mount.read_only, mount.known), ("/b", true, false));
    });
}

#[test]
fn options_are_kept_and_unknown_ones_do_no_harm() {
    mount("./a:/b:ro,z,rshared,nocopy,frobnicate", |mount| {
        assert!(mount.read_only);
        assert_eq!(mount.propagation.as_deref(), Some("rshared"));
        assert_eq!(mount.options, ["z", "nocopy", "frobnicate"]);
    });
}

#[test]
fn the_long_syntax() {
    mount(
        "{type: bind, source: ./a, target: /b, read_only: true, bind: {propagation: rslave, create_host_path: false, selinux: Z, recursive: disabled}}",
        |mount| {
            assert_eq!((mount.kind, mount.read_only, mount.creates_source), (MountKind::Bind, true, false));
            assert_eq!(mount.propagation.as_deref(), Some("rslave"));
            assert_eq!(mount.options, ["Z", "recursive=disabled"]);
        },
    );
    mount("{type: volume, source: v, target: /b, volume: {nocopy: true, subpath: x}}", |mount| {
        assert_eq!((mount.kind, mount.source.as_deref()), (MountKind::Volume, Some("v")));
        assert_eq!(mount.options, ["nocopy", "subpath=x"]);
    });
    mount("{type: volume, target: /b}", |mount| assert_eq!(mount.kind, MountKind::Anonymous));
    mount("{type: tmpfs, target: /b, tmpfs: {size: 64m, mode: 01777}}", |mount| {
        assert_eq!(mount.kind, MountKind::Tmpfs);
        assert_eq!(mount.options[0], "size=64m");
    });
    for kind in ["cluster", "npipe", "image"] {
        mount(&format!("{{type: {kind}, source: s, target: /b}}"), |mount| assert_eq!(mount.kind, MountKind::Other));
    }
    mount("{type: bind, source: ./a, target: /b}", |mount| assert!(mount.creates_source));
}

#[test]
fn tmpfs_as_text_and_as_list() {
    it("image: x\ntmpfs: /run:size=64m,noexec", |it| {
        assert_eq!((it.mounts[0].kind, it.mounts[0].target.as_str()), (MountKind::Tmpfs, "/run"));
        assert_eq!(it.mounts[0].options, ["size=64m", "noexec"]);
    });
    it("image: x\ntmpfs: [/run, /tmp]", |it| assert_eq!(it.mounts.len(), 2));
}

#[test]
fn volumes_of_other_services() {
    it("image: x\nvolumes_from: [\"a:ro\", \"container:c:rw\"]", |it| assert_eq!(it.volumes_from.len(), 2));
}

#[test]
fn a_volume_that_binds_a_host_path() {
    let files = [(
        "compose.yaml",
        "services:\n  it: {image: x, volumes: [\"vv:/b\"]}\nvolumes:\n  vv: {driver: local, driver_opts: {type: none, o: bind, device: /srv/x}}\n",
    )];
    crate::default(&files, |_, view| {
        let volume = &view.volumes[0];
        assert_eq!(volume.device.as_ref().unwrap().text, "/srv/x");
        assert_eq!(volume.driver.as_ref().unwrap().text, "local");
        assert_eq!(volume.options.len(), 3);
    });
}

#[test]
fn a_tmpfs_over_a_volume_is_refused() {
    let files = [("compose.yaml", "services:\n  it: {image: x, volumes: [\"./a:/x\"], tmpfs: /x}\n")];
    assert_eq!(notices(&files, "compose/conflict").len(), 1);
}
