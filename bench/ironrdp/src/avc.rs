//! AVC420 with the decoder that comes with IronRDP, OpenH264.
use ironrdp_egfx::decode::{H264Decoder as _, OpenH264Decoder};

use crate::decoder::{Outcome, StreamDecoder};
use crate::output::Fnv;
use crate::stream_file::Stream;

pub struct Avc420<'a> {
    stream: &'a Stream,
    decoder: Option<OpenH264Decoder>,
    frame: Vec<u8>,
}

impl<'a> Avc420<'a> {
    pub fn new(stream: &'a Stream) -> Self {
        Self {
            stream,
            decoder: None,
            frame: vec![0; usize::from(stream.width) * usize::from(stream.height) * 4],
        }
    }
}

impl StreamDecoder for Avc420<'_> {
    fn reset(&mut self) {
        self.decoder = OpenH264Decoder::new().ok();
    }

    /// `decode` converts with SIMD. (The graphics pipeline's client asks for planes instead and
    /// converts them pixel by pixel: slower, and not held against it here.)
    fn decode(&mut self, _hash: Option<&mut Fnv>) -> Outcome {
        let decoder = self.decoder.as_mut().ok_or("OpenH264 does not start")?;
        let row = usize::from(self.stream.width) * 4;
        for record in &self.stream.records {
            let picture = decoder.decode(&record.payload)?;
            if picture.width() < u32::from(self.stream.width)
                || picture.height() < u32::from(self.stream.height)
            {
                return Err("the picture is too small".into());
            }
            let stride = picture.width() as usize * 4;
            let from = picture.data().chunks_exact(stride);
            for (to, from) in self.frame.chunks_exact_mut(row).zip(from) {
                to.copy_from_slice(&from[..row]);
            }
        }
        Ok(())
    }

    fn picture(&self) -> Vec<u8> {
        self.frame.clone()
    }
}
