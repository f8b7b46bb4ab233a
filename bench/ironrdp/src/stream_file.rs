//! Reads the encoded streams (`.rdpb`, RDPBASE1): what `bench/stream_file.h` is for C++.
//!
//! A 64-byte header, then records of 32 bytes plus payload, little endian.
use std::path::Path;
use std::{fs, str};

/// One update of the stream: where it goes, and its coded bytes.
pub struct Record {
    pub x: u16,
    pub y: u16,
    pub w: u16,
    pub h: u16,
    pub flags: u32,
    pub payload: Vec<u8>,
}

pub struct Stream {
    /// `rfx_rlgr1.desktop.rdpb`
    pub name: String,
    /// `rfx_rlgr1`
    pub codec: String,
    /// Zero for bulk data, which is no picture.
    pub width: u16,
    pub height: u16,
    pub param: u32,
    pub records: Vec<Record>,
}

impl Stream {
    pub fn is_bulk(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Reads a whole file; `Err` says why it is none.
    pub fn read(path: &Path) -> Result<Self, String> {
        let bytes = fs::read(path).map_err(|error| error.to_string())?;
        let name = path.file_name().unwrap_or_default();
        let mut reader = Reader { rest: &bytes };
        if reader.take(8, "magic")? != b"RDPBASE1" {
            return Err("not a stream file (no RDPBASE1)".to_owned());
        }
        let codec = reader.take(16, "codec")?.split(|&c| c == 0).next();
        let codec = str::from_utf8(codec.unwrap_or_default()).map_err(|e| e.to_string())?;
        let (width, height) = (reader.small("width")?, reader.small("height")?);
        let count = reader.u32("count")?;
        let param = reader.u32("param")?;
        reader.take(24, "totals and reserved")?;
        let mut records = Vec::new();
        for i in 0..count {
            let record = reader.record()?;
            let inside = u32::from(record.x) + u32::from(record.w) <= u32::from(width)
                && u32::from(record.y) + u32::from(record.h) <= u32::from(height);
            if width != 0 && !inside {
                return Err(format!("record {i} lies outside the picture"));
            }
            records.push(record);
        }
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            codec: codec.to_owned(),
            width,
            height,
            param,
            records,
        })
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, size: usize, field: &str) -> Result<&'a [u8], String> {
        let (head, rest) = self
            .rest
            .split_at_checked(size)
            .ok_or_else(|| format!("cut off in {field}"))?;
        self.rest = rest;
        Ok(head)
    }

    fn u32(&mut self, field: &str) -> Result<u32, String> {
        let bytes = self.take(4, field)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// A u32 of the file that fits what IronRDP takes for a length of pixels.
    fn small(&mut self, field: &str) -> Result<u16, String> {
        u16::try_from(self.u32(field)?).map_err(|_| format!("{field} is too large"))
    }

    fn record(&mut self) -> Result<Record, String> {
        let (x, y) = (self.small("x")?, self.small("y")?);
        let (w, h) = (self.small("w")?, self.small("h")?);
        let flags = self.u32("flags")?;
        let len = self.u32("len")?;
        let _out_len = self.u32("outlen")?;
        let second_len = self.u32("len2")?;
        let payload = self.take(len as usize, "payload")?.to_vec();
        self.take(second_len as usize, "second payload")?;
        Ok(Record {
            x,
            y,
            w,
            h,
            flags,
            payload,
        })
    }
}
