//! From a moment through working time, forwards and backwards.

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Time},
};

use super::{Calendar, Hours};

/// Days that are looked at before giving up: a calendar may have next to no working day.
const FARTHEST: u32 = 20_000;

/// A moment in working time, or at the end of it, with the day that it belongs to: the last moment
/// of a day that ends at midnight is the first of the next by the clock.
#[derive(Clone, Copy, Debug)]
struct Place {
    date: Date,
    at: Timestamp,
}

impl Calendar {
    /// Whether anybody works ever.
    pub(crate) fn has_working_time(&self) -> bool {
        self.opening(self.date_of(Timestamp::UNIX_EPOCH), Timestamp::UNIX_EPOCH)
            .is_some()
    }

    /// So many working days, then so many working minutes, after `from`.
    pub(super) fn forward(&self, from: Timestamp, days: u32, minutes: u32) -> Option<Timestamp> {
        let mut place = self.opening(self.date_of(from), from)?;
        if days > 0 {
            let date = self.day(place.date, days, Date::tomorrow)?;
            place = self.same_time(place, date)?;
        }
        let mut left = SignedDuration::from_mins(i64::from(minutes));
        for _ in 0..FARTHEST {
            for (_, close) in self.spans(place.date) {
                if close <= place.at {
                    continue;
                }
                let open = self.opening(place.date, place.at)?;
                let there = close.duration_since(open.at);
                if left <= there {
                    return open.at.checked_add(left).ok();
                }
                left = left.checked_sub(there)?;
                place.at = close;
            }
            place.date = self.day(place.date, 1, Date::tomorrow)?;
        }
        None
    }

    /// So many working days, then so many working minutes, before `until`.
    pub(super) fn backward(&self, until: Timestamp, days: u32, minutes: u32) -> Option<Timestamp> {
        let mut place = self.closing(self.date_of(until), until)?;
        if days > 0 {
            let date = self.day(place.date, days, Date::yesterday)?;
            place = self.same_time(place, date)?;
        }
        let mut left = SignedDuration::from_mins(i64::from(minutes));
        for _ in 0..FARTHEST {
            for (open, close) in self.spans(place.date).into_iter().rev() {
                if open >= place.at {
                    continue;
                }
                let from = close.min(place.at);
                let there = from.duration_since(open);
                if left <= there {
                    return from.checked_sub(left).ok();
                }
                left = left.checked_sub(there)?;
                place.at = open;
            }
            place.date = self.day(place.date, 1, Date::yesterday)?;
        }
        None
    }

    /// `from`, where it is working time, else when working time begins after it.
    fn opening(&self, date: Date, from: Timestamp) -> Option<Place> {
        let mut date = date;
        for _ in 0..FARTHEST {
            let mut spans = self.spans(date).into_iter();
            if let Some((open, _)) = spans.find(|(_, close)| *close > from) {
                let at = open.max(from);
                return Some(Place { date, at });
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// `until`, where working time comes before it, else when working time ended before it.
    fn closing(&self, date: Date, until: Timestamp) -> Option<Place> {
        let mut date = date;
        for _ in 0..FARTHEST {
            let mut spans = self.spans(date).into_iter().rev();
            if let Some((_, close)) = spans.find(|(open, _)| *open < until) {
                let at = close.min(until);
                return Some(Place { date, at });
            }
            date = date.yesterday().ok()?;
        }
        None
    }

    /// The `n`-th working day after or before `date`, as `next` goes.
    fn day(&self, date: Date, n: u32, next: fn(Date) -> Result<Date, jiff::Error>) -> Option<Date> {
        let mut date = date;
        let mut left = n;
        for _ in 0..FARTHEST {
            date = next(date).ok()?;
            if self.week.works_on(date) {
                left -= 1;
                if left == 0 {
                    return Some(date);
                }
            }
        }
        None
    }

    /// The moment of another day at which the clock shows the same.
    fn same_time(&self, place: Place, date: Date) -> Option<Place> {
        let clock = self.zone.to_datetime(place.at);
        // The end of a day that ends at midnight.
        let past_midnight = clock.date() != place.date;
        let civil = match past_midnight {
            true => date.tomorrow().ok()?.at(0, 0, 0, 0),
            false => date.to_datetime(clock.time()),
        };
        let at = self.moment(civil)?;
        Some(Place { date, at })
    }

    /// When working time begins and ends on a day, in order; clocks may jump over some of it.
    fn spans(&self, date: Date) -> Vec<(Timestamp, Timestamp)> {
        if !self.week.works_on(date) {
            return Vec::new();
        }
        let spans = self.week.hours.iter();
        spans
            .filter_map(|hours| self.span(date, *hours))
            .filter(|(open, close)| open < close)
            .collect()
    }

    fn span(&self, date: Date, hours: Hours) -> Option<(Timestamp, Timestamp)> {
        let midnight = date.to_datetime(Time::midnight());
        let open = midnight.checked_add(i64::from(hours.from).minutes()).ok()?;
        let close = match hours.to_midnight() {
            true => date.tomorrow().ok()?.to_datetime(Time::midnight()),
            false => midnight
                .checked_add(i64::from(hours.until).minutes())
                .ok()?,
        };
        Some((self.moment(open)?, self.moment(close)?))
    }
}
