//! When the buyers come: the arrival curve of a real sell-out, scaled to the crowd.

use std::time::Duration;

/// Reservations per second of a sell-out within 13 s; see `examples/data/README.md`.
const CURVE: &str = include_str!("../../../../examples/data/emf-sellout.csv");

/// Arrivals per second of the curve.
fn curve() -> Vec<f64> {
    CURVE.lines().skip(1).filter_map(|line| line.split_once(',')?.1.trim().parse().ok()).collect()
}

/// The arrival of each buyer after the opening, in order.
pub(super) fn times(buyers: u32, speed: f64, seed: u64) -> Vec<Duration> {
    let curve = curve();
    let total: f64 = curve.iter().sum();
    let mut rng = fastrand::Rng::with_seed(seed ^ 0xa11_1fa1);
    let mut times: Vec<Duration> = (0..buyers)
        .map(|_| {
            let mut share = rng.f64() * total;
            let mut second = 0.0;
            for arrivals in &curve {
                if share < *arrivals {
                    // Inside a second the arrivals are even.
                    second += share / arrivals;
                    break;
                }
                share -= arrivals;
                second += 1.0;
            }
            Duration::from_secs_f64(second / speed)
        })
        .collect();
    times.sort_unstable();
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crowd_has_the_shape_of_the_curve() {
        let times = times(96_700, 1.0, 1);
        let within = |second: u64| times.iter().filter(|time| time.as_secs() == second).count();
        // Of 967 reservations 134 came in second 5 and 7 in the first.
        assert!((13_000..13_800).contains(&within(5)), "{}", within(5));
        assert!((600..800).contains(&within(0)), "{}", within(0));
        assert_eq!(within(17), 0);
    }

    #[test]
    fn speed_shortens_everything() {
        assert!(times(1_000, 4.0, 1).last().is_some_and(|last| *last < Duration::from_millis(4_250)));
    }
}
