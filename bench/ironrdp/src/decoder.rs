//! One way to decode a whole stream with IronRDP; what is timed is `decode` alone.
//!
//! Fairness: the public API that an IronRDP session itself goes through, or a faster one of its
//! crates where there is one; pixels end in a whole frame, in RGBA, which is the order that IronRDP
//! decodes to; contexts are made and reset outside of `decode`; bulk output is read where the
//! decoder leaves it.
use std::error::Error;

use crate::output::Fnv;
use crate::stream_file::Stream;
use crate::{avc, bitmap, bulk, progressive, remotefx};

pub type Outcome = Result<(), Box<dyn Error>>;

pub trait StreamDecoder {
    /// Forgets history, so that the next `decode` starts from the beginning.
    fn reset(&mut self);
    /// Decodes every record in order. Bulk output is added to `hash` if there is one (timed rounds
    /// have none).
    fn decode(&mut self, hash: Option<&mut Fnv>) -> Outcome;
    /// The last frame: rows of RGBA from the top; nothing for bulk data.
    fn picture(&self) -> Vec<u8>;
}

/// `None`: IronRDP has no decoder for the stream's codec. (Its NSCodec decoder is private to
/// ClearCodec: its sessions take no NSCodec bitmaps.)
pub fn make(stream: &Stream) -> Option<Box<dyn StreamDecoder + '_>> {
    let codec = stream.codec.as_str();
    Some(match codec {
        "avc420" => Box::new(avc::Avc420::new(stream)),
        "mppc8k" | "mppc64k" | "ncrush" | "xcrush" => Box::new(bulk::Bulk::new(stream)),
        "zgfx" => Box::new(bulk::Zgfx::new(stream)),
        _ if codec.starts_with("rfx_") => Box::new(remotefx::RemoteFx::new(stream)),
        _ if codec.starts_with("prog") => Box::new(progressive::Progressive::new(stream)),
        _ if codec.starts_with("planar") => Box::new(bitmap::Bitmaps::planar(stream)),
        _ if codec.starts_with("inter") => Box::new(bitmap::Bitmaps::interleaved(stream)),
        _ => return None,
    })
}
