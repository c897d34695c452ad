//! The time of day.

/// The time now where the host is, as RFC 3339 has it.
#[must_use]
pub fn now() -> String {
    jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S.%9f%:z").to_string()
}

/// The same moment everywhere, for records.
#[must_use]
pub fn now_everywhere() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%9fZ").to_string()
}
