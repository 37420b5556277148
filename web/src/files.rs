//! Files and folders from outside: dropped, chosen, pasted. They are read here and go nowhere else.

use crate::browser::awaited;
use crate::intake::{self, File, Quota, Verdict};
use plimsoll_plugin_abi::Limits;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

/// Most names a folder is searched for: a home folder has millions.
const MOST_ENTRIES: usize = 20_000;

/// What came in.
#[derive(Default)]
pub(crate) struct Incoming {
    pub(crate) files: Vec<File>,
    /// Names and bytes; without bytes what no plug-in may be as large as.
    pub(crate) plugins: Vec<(String, Option<Vec<u8>>)>,
    pub(crate) left_out: usize,
    /// The folder's name, when it was a single folder.
    pub(crate) folder: Option<String>,
}

/// Something to read.
struct Found {
    path: String,
    file: web_sys::File,
    /// Picked one by one, not part of a folder.
    chosen: bool,
}

/// The entries of a drop. To be called in the event itself: afterwards the browser has forgotten them.
pub(crate) fn entries(transfer: &DataTransfer) -> Vec<FileSystemEntry> {
    let items = transfer.items();
    (0..items.length()).filter_map(|index| items.get(index)?.webkit_get_as_entry().ok().flatten()).collect()
}

/// Reads dropped files and folders.
pub(crate) async fn read_entries(entries: Vec<FileSystemEntry>) -> Incoming {
    let folder = match entries.as_slice() {
        [only] if only.is_directory() => Some(only.name()),
        _ => None,
    };
    let mut found = Vec::new();
    let mut names = Vec::new();
    let mut left_out = 0;
    let mut seen = 0;
    let mut pending: Vec<(FileSystemEntry, String, bool)> = Vec::new();
    for entry in entries {
        // Paths in a project start in its folder: the name of a single dropped folder is no part of them.
        let path = if folder.is_some() { String::new() } else { entry.name() };
        pending.push((entry, path, true));
    }
    while let Some((entry, path, chosen)) = pending.pop() {
        seen += 1;
        if seen > MOST_ENTRIES {
            left_out += 1;
            continue;
        }
        // Asked for what they are, not for their class: browsers name the classes differently.
        if entry.is_directory() {
            for child in children(entry.unchecked_ref()).await {
                let name = child.name();
                let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                if child.is_directory() && intake::is_foreign_folder(&name) {
                    if name == ".git" {
                        // What a `COPY . .` would take; its history is not read.
                        names.push(File::name(&format!("{path}/HEAD")));
                    }
                    continue;
                }
                pending.push((child, path, false));
            }
        } else {
            let file: &FileSystemFileEntry = entry.unchecked_ref();
            match awaited(|resolve, reject| file.file_with_callback_and_callback(resolve, reject)).await {
                Ok(file) => found.push(Found { path, file: file.unchecked_into(), chosen }),
                Err(_) => left_out += 1,
            }
        }
    }
    let mut incoming = read(found).await;
    incoming.files.extend(names);
    incoming.left_out += left_out;
    incoming.folder = folder;
    incoming
}

/// Reads chosen or pasted files.
pub(crate) async fn read_list(list: FileList) -> Incoming {
    let found = (0..list.length()).filter_map(|index| list.get(index)).map(|file| Found {
        path: file.name(),
        file,
        chosen: true,
    });
    read(found.collect()).await
}

/// Everything in a folder. A browser hands it out in batches, the last of which is empty.
async fn children(directory: &FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader = directory.create_reader();
    let mut all = Vec::new();
    while all.len() < MOST_ENTRIES {
        let batch = awaited(|resolve, reject| {
            // A refusal reaches `reject` too.
            let _ = reader.read_entries_with_callback_and_callback(resolve, reject);
        });
        let Ok(batch) = batch.await else { break };
        let batch: js_sys::Array = batch.unchecked_into();
        if batch.length() == 0 {
            break;
        }
        all.extend(batch.iter().map(|entry| entry.unchecked_into::<FileSystemEntry>()));
    }
    all
}

async fn read(mut found: Vec<Found>) -> Incoming {
    // When not everything fits, what describes the deployment comes first.
    found.sort_by_cached_key(|one| intake::order(&one.path));
    let mut incoming = Incoming::default();
    let mut quota = Quota::default();
    for Found { path, file, chosen } in found {
        let is_plugin = chosen && path.to_ascii_lowercase().ends_with(".wasm");
        // A size is a whole number, far below 2^53.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
        let size = file.size() as u64;
        if is_plugin && size > Limits::default().file_bytes {
            incoming.plugins.push((path, None));
            continue;
        }
        // Plug-ins are no part of the project and have limits of their own.
        let verdict = if is_plugin { Verdict::Read } else { quota.admit(&path, size, chosen) };
        match verdict {
            Verdict::LeaveOut => {}
            Verdict::Name => incoming.files.push(File::name(&path)),
            Verdict::Read => match JsFuture::from(file.array_buffer()).await {
                Ok(buffer) => {
                    let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
                    if is_plugin {
                        incoming.plugins.push((path, Some(bytes)));
                    } else {
                        incoming.files.push(File::read(&path, bytes));
                    }
                }
                Err(_) => quota.left_out += 1,
            },
        }
    }
    incoming.left_out = quota.left_out;
    incoming
}
