//! Every limit a plug-in runs under, in one place, each with its reason. A user may grant more; a plug-in never can.

/// Declares the limits: field, key in a configuration file, default, reason.
macro_rules! limits {
    ($( $(#[doc = $reason:literal])+ $field:ident $key:literal = $default:expr; )+) => {
        /// The limits of one run. The terminal keeps all of them; a browser has no fuel and no compiler in a process of its own, and
        /// keeps the others.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct Limits {
            $( $(#[doc = $reason])+ pub $field: u64, )+
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $( $field: $default, )+ }
            }
        }

        impl Limits {
            /// Every limit: its key in a configuration file, its default, its reason.
            pub const ALL: &'static [(&'static str, u64, &'static str)] = &[
                $( ($key, $default, concat!($($reason),+)), )+
            ];

            /// Sets a limit by its key; `false` when there is none of this name.
            pub fn set(&mut self, key: &str, value: u64) -> bool {
                match key {
                    $( $key => self.$field = value, )+
                    _ => return false,
                }
                true
            }

            /// A limit by its key.
            #[must_use]
            pub fn get(&self, key: &str) -> Option<u64> {
                match key {
                    $( $key => Some(self.$field), )+
                    _ => None,
                }
            }
        }
    };
}

limits! {
    /// Bytes of a plug-in file. The largest toolchain measured (Python) makes 18.5 MB.
    file_bytes "file-bytes" = 32 << 20;
    /// Locals × control operators of one function. The largest legitimate function measured (SpiderMonkey) has 388,338; a compile bomb
    /// of 615 KB has 80 million and takes half a minute to compile.
    function_cost "function-cost" = 500_000;
    /// The same, summed over a file. The largest measured is 5.8 million.
    file_cost "file-cost" = 16_000_000;
    /// Bytes of address space of the process that compiles a plug-in: what the costs above do not foresee ends there.
    compile_bytes "compile-bytes" = 2 << 30;
    /// Seconds that compiling a plug-in may take. The slowest toolchain measured (SpiderMonkey) takes 18.5 on a busy machine.
    compile_seconds "compile-seconds" = 120;
    /// Bytes of memory, all memories together. Plug-ins measured take 1 to 42 MB.
    memory_bytes "memory-bytes" = 64 << 20;
    /// Elements of all tables together: a table element costs the host memory too.
    table_elements "table-elements" = 200_000;
    /// Instances of core modules in one component: Python's linking makes 38.
    instances "instances" = 200;
    /// Memories in one component, and tables in one component.
    stores "stores" = 64;
    /// Bytes of native stack below a plug-in's calls; deeper recursion is a trap, not a crash.
    stack_bytes "stack-bytes" = 512 << 10;
    /// Fuel for any project. Fuel counts instructions, so the same input always stops at the same place.
    fuel "fuel" = 1_000_000_000;
    /// Further fuel for each byte of input. The slowest measured (SpiderMonkey) needs 5,370.
    fuel_per_byte "fuel-per-byte" = 20_000;
    /// Most fuel for one run: three to seven seconds.
    fuel_cap "fuel-cap" = 20_000_000_000;
    /// Steps of 10 ms that one call may take. A net below the fuel, for what nobody foresaw; it depends on the machine.
    ticks "ticks" = 1_000;
    /// Bytes that may be copied out of a plug-in. Lists may share one string, so counting memory is not enough.
    result_bytes "result-bytes" = 16 << 20;
    /// Fuel for `describe`, which has no input.
    describe_fuel "describe-fuel" = 100_000_000;
    /// Bytes that `describe` may give.
    describe_bytes "describe-bytes" = 256 << 10;
    /// Plug-ins in one run.
    plugins "plugins" = 64;
    /// Rules that one plug-in may declare.
    rules "rules" = 1_000;
    /// Findings that one plug-in may give for one project: more are not read by anyone.
    findings "findings" = 10_000;
    /// Bytes of a message, a title or another short text.
    message_bytes "message-bytes" = 4 << 10;
    /// Bytes that one edit may insert.
    edit_bytes "edit-bytes" = 64 << 10;
    /// Places, fixes, properties or edits that belong to one finding.
    parts "parts" = 100;
    /// Bytes of settings.
    settings_bytes "settings-bytes" = 256 << 10;
}

impl Limits {
    /// Fuel for an input of this size.
    #[must_use]
    pub fn fuel_for(&self, input_bytes: usize) -> u64 {
        let more = self.fuel_per_byte.saturating_mul(u64::try_from(input_bytes).unwrap_or(u64::MAX));
        self.fuel.saturating_add(more).min(self.fuel_cap)
    }

    /// Whether a size is within a limit.
    #[must_use]
    pub fn holds(limit: u64, size: usize) -> bool {
        u64::try_from(size).is_ok_and(|size| size <= limit)
    }

    /// A limit as a size of this machine.
    #[must_use]
    pub fn size(limit: u64) -> usize {
        usize::try_from(limit).unwrap_or(usize::MAX)
    }
}
