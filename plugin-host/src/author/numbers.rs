//! Numbers for people.

use std::time::Duration;

/// Thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes, in the unit that fits.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 2] = [("MB", 1_000_000), ("KB", 1_000)];
    match UNITS.iter().find(|(_, size)| bytes >= *size) {
        Some((unit, size)) => format!("{}.{} {unit}", bytes / size, bytes % size * 10 / size),
        None => format!("{bytes} B"),
    }
}

/// A time, in the unit that fits.
pub(crate) fn time(time: Duration) -> String {
    let micros = time.as_micros();
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        _ => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
    }
}

/// A time for programs.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (number, want) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), want);
        }
        for (bytes, want) in [(12, "12 B"), (1_000, "1.0 KB"), (70_950, "70.9 KB"), (1_310_720, "1.3 MB")] {
            assert_eq!(size(bytes), want);
        }
        for (micros, want) in [(12, "12 µs"), (1_250, "1.2 ms"), (61_000_000, "61.0 s")] {
            assert_eq!(time(Duration::from_micros(micros)), want);
        }
        assert_eq!(milliseconds(Duration::from_nanos(1_234_567)), 1.235);
    }
}
