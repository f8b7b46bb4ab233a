//! Bulk decompression: MPPC, NCRUSH and XCRUSH as a session has them, and RDP 8.0.
use ironrdp_bulk::rdp8::Rdp8Decompressor;
use ironrdp_bulk::{BulkCompressor, CompressionType};

use crate::decoder::{Outcome, StreamDecoder};
use crate::output::Fnv;
use crate::stream_file::Stream;

pub struct Bulk<'a> {
    stream: &'a Stream,
    decompressor: BulkCompressor,
}

impl<'a> Bulk<'a> {
    pub fn new(stream: &'a Stream) -> Self {
        Self {
            stream,
            // The type is of what would be sent; what is received says its own.
            decompressor: BulkCompressor::new(CompressionType::Rdp61),
        }
    }
}

impl StreamDecoder for Bulk<'_> {
    fn reset(&mut self) {
        self.decompressor.reset();
    }

    fn decode(&mut self, mut hash: Option<&mut Fnv>) -> Outcome {
        for record in &self.stream.records {
            let output = self
                .decompressor
                .decompress(&record.payload, record.flags)?;
            if let Some(hash) = hash.as_deref_mut() {
                hash.add(output);
            }
        }
        Ok(())
    }

    fn picture(&self) -> Vec<u8> {
        Vec::new()
    }
}

/// IronRDP has two decompressors of RDP 8.0. This is the faster; its graphics pipeline still uses
/// the other, `ironrdp_graphics::zgfx`.
pub struct Zgfx<'a> {
    stream: &'a Stream,
    decompressor: Rdp8Decompressor,
    output: Vec<u8>,
}

impl<'a> Zgfx<'a> {
    pub fn new(stream: &'a Stream) -> Self {
        Self {
            stream,
            decompressor: Rdp8Decompressor::new(),
            output: Vec::new(),
        }
    }
}

impl StreamDecoder for Zgfx<'_> {
    // Nothing in the stream refers to what was before it, so the history may go on, in its memory.
    fn reset(&mut self) {}

    fn decode(&mut self, mut hash: Option<&mut Fnv>) -> Outcome {
        for record in &self.stream.records {
            self.output.clear();
            self.decompressor
                .decompress(&record.payload, &mut self.output)?;
            if let Some(hash) = hash.as_deref_mut() {
                hash.add(&self.output);
            }
        }
        Ok(())
    }

    fn picture(&self) -> Vec<u8> {
        Vec::new()
    }
}
