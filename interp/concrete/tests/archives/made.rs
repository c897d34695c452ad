//! Archives that nobody would make but to get somewhere.

/// A tar file, made by hand.
#[derive(Clone, Default)]
pub(crate) struct Tar(pub(crate) Vec<u8>);

impl Tar {
    /// An entry of that kind, with all that is written into a header.
    pub(crate) fn entry(mut self, kind: u8, name: &str, target: &str, mode: u32, content: &[u8]) -> Self {
        let mut header = [0; 512];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, name.as_bytes());
        put(100, format!("{mode:07o}\0").as_bytes());
        put(108, b"0001750\x000001750\0");
        put(124, format!("{:011o}\0", content.len()).as_bytes());
        put(136, b"14000000000\0");
        put(148, b"        ");
        put(156, &[kind]);
        put(157, target.as_bytes());
        put(257, b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend(header);
        self.0.extend(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub(crate) fn file(self, name: &str, content: &str) -> Self {
        self.entry(b'0', name, "", 0o644, content.as_bytes())
    }

    pub(crate) fn dir(self, name: &str) -> Self {
        self.entry(b'5', name, "", 0o755, b"")
    }

    pub(crate) fn link(self, name: &str, target: &str) -> Self {
        self.entry(b'2', name, target, 0o777, b"")
    }

    pub(crate) fn again(self, name: &str, of: &str) -> Self {
        self.entry(b'1', name, of, 0o644, b"")
    }

    /// A header before an entry, with one record.
    pub(crate) fn says(self, kind: u8, key: &str, value: &str) -> Self {
        let rest = format!(" {key}={value}\n");
        let digits = (1..).find(|digits| (rest.len() + digits).to_string().len() == *digits).unwrap();
        let record = format!("{}{rest}", rest.len() + digits);
        self.entry(kind, "header", "", 0o644, record.as_bytes())
    }

    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        gzipped(&self.0)
    }
}

/// What a zip file says of an entry, before it and in the directory.
#[derive(Clone)]
pub(crate) struct Zipped {
    pub(crate) name: [&'static str; 2],
    pub(crate) content: Vec<u8>,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    pub(crate) crc: [u32; 2],
    pub(crate) sizes: [[u32; 2]; 2],
    pub(crate) mode: u32,
    /// In the directory, what stands elsewhere.
    pub(crate) at: i64,
}

impl Zipped {
    pub(crate) fn file(name: &'static str, content: &(impl AsRef<[u8]> + ?Sized)) -> Self {
        let content = content.as_ref().to_vec();
        let mut crc = !0_u32;
        for byte in &content {
            crc ^= u32::from(*byte);
            (0..8).for_each(|_| crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 });
        }
        let size = u32::try_from(content.len()).unwrap();
        let (name, crc, sizes) = ([name; 2], [!crc; 2], [[size; 2]; 2]);
        Self { name, content, method: 0, flags: 0, crc, sizes, mode: 0o100_644, at: 0 }
    }

    pub(crate) fn link(name: &'static str, target: &str) -> Self {
        Self { mode: 0o120_777, ..Self::file(name, target) }
    }

    pub(crate) fn record(&self, of: usize) -> Vec<u8> {
        let mut record = Vec::new();
        [20, self.flags, self.method, 0, 33].iter().for_each(|number: &u16| record.extend(number.to_le_bytes()));
        [self.crc[of], self.sizes[of][0], self.sizes[of][1]]
            .iter()
            .for_each(|number| record.extend(number.to_le_bytes()));
        record.extend(u16::try_from(self.name[of].len()).unwrap().to_le_bytes());
        record.extend([0; 2]);
        record
    }
}

pub(crate) fn zip(entries: &[Zipped]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = u32::try_from(i64::try_from(bytes.len()).unwrap() + entry.at).unwrap();
        let head = [b"PK\x03\x04".to_vec(), entry.record(0), entry.name[0].into(), entry.content.clone()];
        bytes.extend(head.concat());
        let attributes = (entry.mode << 16).to_le_bytes().to_vec();
        let made_by = 0x0314_u16.to_le_bytes().to_vec();
        let rest = [vec![0; 6], attributes, at.to_le_bytes().to_vec(), entry.name[1].into()];
        directory.extend([b"PK\x01\x02".to_vec(), made_by, entry.record(1)].concat());
        directory.extend(rest.concat());
    }
    let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    let end = [&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &number(directory.len()), &number(bytes.len()), &[0; 2]];
    [bytes, directory, end.concat()].concat()
}

pub(crate) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    perch_archive::gzip(&mut &*bytes, &mut packed).unwrap();
    packed
}
