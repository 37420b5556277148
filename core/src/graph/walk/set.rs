//! A set of services, as bits: who is reached is asked for again and again.

use crate::graph::model::ServiceId;

/// A set of services.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::graph) struct Set(Vec<u64>);

impl Set {
    /// An empty one, for so many services.
    pub(super) fn new(services: usize) -> Self {
        Self(vec![0; services.div_ceil(64)])
    }

    /// Puts a service into it.
    pub(super) fn add(&mut self, service: ServiceId) {
        if let Some(word) = self.0.get_mut(service / 64) {
            *word |= 1 << (service % 64);
        }
    }

    /// Puts everything of another into it.
    pub(super) fn add_all(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    /// Whether a service is in it.
    pub(in crate::graph) fn has(&self, service: ServiceId) -> bool {
        self.0.get(service / 64).is_some_and(|word| word & (1 << (service % 64)) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_put_in() {
        let (mut some, mut more) = (Set::new(130), Set::new(130));
        some.add(0);
        more.add(64);
        more.add(129);
        more.add(1000);
        some.add_all(&more);
        let all: Vec<ServiceId> = (0..2000).filter(|&service| some.has(service)).collect();
        assert_eq!(all, [0, 64, 129]);
    }
}
