//! Every limit a plug-in runs under, in one place, each with its reason. A user may grant more; a plug-in never can.

/// The limits of one host.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a plug-in file. The largest toolchain measured (Python) makes 18.5 MB.
    pub file_bytes: usize,
    /// Locals × control operators of one function. The largest legitimate function measured (SpiderMonkey) has 388,338; a compile bomb
    /// of 615 KB has 80 million and takes half a minute to compile.
    pub function_cost: u64,
    /// The same, summed over a file. The largest measured is 5.8 million.
    pub file_cost: u64,
    /// Bytes of memory, all memories together. Plug-ins measured take 1 to 42 MB.
    pub memory_bytes: usize,
    /// Elements of all tables together: a table element costs the host memory too.
    pub table_elements: usize,
    /// Instances of core modules in one component: Python's linking makes 38.
    pub instances: usize,
    /// Memories and tables in one component.
    pub stores: usize,
    /// Bytes of native stack below a plug-in's calls; deeper recursion is a trap, not a crash.
    pub stack_bytes: usize,
    /// Fuel for any project. Fuel counts instructions, so the same input always stops at the same place.
    pub fuel: u64,
    /// Further fuel for each byte of input. The slowest measured (SpiderMonkey) needs 5,370.
    pub fuel_per_byte: u64,
    /// Most fuel for one run: three to seven seconds.
    pub fuel_cap: u64,
    /// Bytes that may be copied out of a plug-in. Lists may share one string, so counting memory is not enough.
    pub result_bytes: usize,
    /// Fuel for `describe`, which has no input.
    pub describe_fuel: u64,
    /// Bytes that `describe` may give.
    pub describe_bytes: usize,
    /// Steps of 10 ms that one call may take. A net below the fuel, for what nobody foresaw; it depends on the machine.
    pub ticks: u64,
    /// Plug-ins in one run.
    pub plugins: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 32 << 20,
            function_cost: 500_000,
            file_cost: 16_000_000,
            memory_bytes: 64 << 20,
            table_elements: 200_000,
            instances: 200,
            stores: 64,
            stack_bytes: 512 << 10,
            fuel: 1_000_000_000,
            fuel_per_byte: 20_000,
            fuel_cap: 20_000_000_000,
            result_bytes: 16 << 20,
            describe_fuel: 100_000_000,
            describe_bytes: 256 << 10,
            ticks: 1_000,
            plugins: 64,
        }
    }
}

impl Limits {
    /// Fuel for an input of this size.
    #[must_use]
    pub fn fuel_for(&self, input_bytes: usize) -> u64 {
        let more = self.fuel_per_byte.saturating_mul(u64::try_from(input_bytes).unwrap_or(u64::MAX));
        self.fuel.saturating_add(more).min(self.fuel_cap)
    }
}
