//! Upright lines in one gap: which of them share a track, and which stand left of others.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
};

/// Lines above which tracks are shared by the simplest rule alone.
const MANY: usize = 200;

/// Room between two lines on one track.
const APART: i64 = 8;

/// The turns of edges that leave at one place, as one upright line.
#[derive(Clone, Debug, Default)]
pub(super) struct Net {
    /// The heights where it meets the left side of the gap.
    pub(super) lefts: Vec<i64>,
    /// The heights where it meets the right side of the gap.
    pub(super) rights: Vec<i64>,
    /// The heights that it reaches besides.
    pub(super) others: Vec<i64>,
}

impl Net {
    fn ends(&self) -> impl Iterator<Item = i64> {
        let ends = self.lefts.iter().chain(&self.rights).chain(&self.others);
        ends.copied()
    }

    fn extent(&self) -> (i64, i64) {
        let ends = self.ends();
        ends.fold((i64::MAX, i64::MIN), |(low, high), y| {
            (low.min(y), high.max(y))
        })
    }

    fn is_level(&self) -> bool {
        let (low, high) = self.extent();
        low >= high
    }

    /// Left of it stand those with a lower number: lines that go down from bottom to top, then
    /// lines that go up from top to bottom, so that few cross.
    fn rank(&self) -> (bool, i64) {
        let (low, high) = self.extent();
        let goes_up = self.lefts.contains(&high);
        (goes_up, if goes_up { low } else { -low })
    }
}

/// The track of each net, from the left; `None` for those that need no upright line.
pub(super) fn assign(nets: &[Net]) -> Vec<Option<usize>> {
    let upright: Vec<usize> = (0..nets.len())
        .filter(|net| !nets[*net].is_level())
        .collect();
    let mut tracks = vec![None; nets.len()];
    if upright.len() > MANY {
        share(nets, upright, &mut tracks);
    } else {
        fit(nets, &upright, &mut tracks);
    }
    tracks
}

/// For each line, those that stand left of it: a line that meets the left side where another meets
/// the right would run over it otherwise.
fn precedence(nets: &[Net], upright: &[usize]) -> Vec<Vec<usize>> {
    let mut leaving: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for &net in upright {
        for y in &nets[net].lefts {
            leaving.entry(*y).or_default().push(net);
        }
    }
    let mut before = vec![Vec::new(); nets.len()];
    for &net in upright {
        let found = nets[net].rights.iter().filter_map(|y| leaving.get(y));
        let found: BTreeSet<usize> = found.flatten().copied().collect();
        before[net] = found.into_iter().filter(|other| *other != net).collect();
    }
    before
}

fn fit(nets: &[Net], upright: &[usize], tracks: &mut [Option<usize>]) {
    let before = precedence(nets, upright);
    let mut open: Vec<usize> = upright.to_vec();
    open.sort_by_key(|net| (nets[*net].rank(), *net));
    let mut taken: Vec<Vec<(i64, i64)>> = Vec::new();
    while !open.is_empty() {
        let is_placed = |net: &usize| tracks[*net].is_some();
        let free = |net: &usize| before[*net].iter().all(is_placed);
        // Two that would each precede the other have no right order: either will do.
        let place = open.iter().position(free).unwrap_or(0);
        let net = open.remove(place);
        let least = before[net].iter().filter_map(|other| tracks[*other]).max();
        let least = least.map_or(0, |track| track + 1);
        let (low, high) = nets[net].extent();
        let fits = |track: usize| match taken.get(track) {
            None => true,
            Some(lines) => lines
                .iter()
                .all(|(start, end)| high + APART < *start || end + APART < low),
        };
        let track = (least..=taken.len())
            .find(|track| fits(*track))
            .unwrap_or(least);
        if taken.len() <= track {
            taken.resize(track + 1, Vec::new());
        }
        taken[track].push((low, high));
        tracks[net] = Some(track);
    }
}

/// From top to bottom, each takes the track that has been free for longest.
fn share(nets: &[Net], mut upright: Vec<usize>, tracks: &mut [Option<usize>]) {
    upright.sort_by_key(|net| (nets[*net].extent(), *net));
    let mut ends: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
    for net in upright {
        let (low, high) = nets[net].extent();
        let track = match ends.peek() {
            Some(Reverse((end, _))) if end + APART < low => ends.pop().map(|free| free.0.1),
            _ => None,
        };
        let track = track.unwrap_or(ends.len());
        ends.push(Reverse((high, track)));
        tracks[net] = Some(track);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(left: i64, right: i64) -> Net {
        Net {
            lefts: vec![left],
            rights: vec![right],
            others: Vec::new(),
        }
    }

    #[test]
    fn lines_that_do_not_meet_share_a_track() {
        assert_eq!(assign(&[net(0, 50), net(100, 150)]), [Some(0), Some(0)]);
        assert_eq!(assign(&[net(0, 0), net(0, 0)]), [None, None]);
    }

    #[test]
    fn a_line_never_runs_over_the_way_in_of_another() {
        // The second leaves at 100, where the first arrives.
        let tracks = assign(&[net(0, 100), net(100, 200)]);
        assert!(tracks[1] < tracks[0], "{tracks:?}");
        let tracks = assign(&[net(100, 0), net(200, 100)]);
        assert!(tracks[0] < tracks[1], "{tracks:?}");
    }

    #[test]
    fn a_swap_takes_two_tracks() {
        let tracks = assign(&[net(0, 100), net(100, 0)]);
        assert_ne!(tracks[0], tracks[1]);
    }

    #[test]
    fn many_lines_that_meet_have_a_track_each() {
        let nets: Vec<Net> = (0..500).map(|n| net(n, 1_000 + n)).collect();
        let tracks: BTreeSet<_> = assign(&nets).into_iter().collect();
        assert_eq!(tracks.len(), 500);
    }
}
