//! Numbers and fields, one after the other.

/// Bytes that are read from the front.
#[derive(Clone, Copy)]
pub(super) struct Fields<'b>(pub(super) &'b [u8]);

impl<'b> Fields<'b> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}

/// The extra field of that kind. Nothing, if there is none; an error, if they cannot be read or there are two.
pub(super) fn extra(fields: &[u8], kind: u16) -> Result<Option<&[u8]>, ()> {
    let mut fields = Fields(fields);
    let mut found = None;
    // Some fill up with zeros, so that what comes behind begins at a round number.
    while fields.0.len() > 3 || fields.0.iter().any(|byte| *byte != 0) {
        let (is, length) = (fields.u16().ok_or(())?, fields.u16().ok_or(())?);
        let content = fields.take(usize::from(length)).ok_or(())?;
        if is == kind && found.replace(content).is_some() {
            return Err(());
        }
    }
    Ok(found)
}
