//! RemoteFX as a session decodes it from a surface command: blocks, tiles, and into its image.
use ironrdp_core::ReadCursor;
use ironrdp_graphics::image_processing::PixelFormat;
use ironrdp_pdu::geometry::InclusiveRectangle;
use ironrdp_session::image::DecodedImage;
use ironrdp_session::rfx::DecodingContext;

use crate::decoder::{Outcome, StreamDecoder};
use crate::output::Fnv;
use crate::stream_file::{Record, Stream};

/// A record's place; IronRDP's rectangles end with their last pixel.
pub fn place_of(record: &Record) -> InclusiveRectangle {
    InclusiveRectangle {
        left: record.x,
        top: record.y,
        right: record.x + record.w.max(1) - 1,
        bottom: record.y + record.h.max(1) - 1,
    }
}

/// RGBA is what its tiles are in: they are then copied by rows, in place of pixel by pixel.
pub fn new_image(stream: &Stream) -> DecodedImage {
    DecodedImage::new(PixelFormat::RgbA32, stream.width, stream.height)
}

pub struct RemoteFx<'a> {
    stream: &'a Stream,
    context: DecodingContext,
    image: DecodedImage,
}

impl<'a> RemoteFx<'a> {
    pub fn new(stream: &'a Stream) -> Self {
        Self {
            stream,
            context: DecodingContext::new(),
            image: new_image(stream),
        }
    }
}

impl StreamDecoder for RemoteFx<'_> {
    fn reset(&mut self) {
        self.context = DecodingContext::new();
    }

    fn decode(&mut self, _hash: Option<&mut Fnv>) -> Outcome {
        for record in &self.stream.records {
            let mut cursor = ReadCursor::new(&record.payload);
            self.context
                .decode(&mut self.image, &place_of(record), &mut cursor)?;
        }
        Ok(())
    }

    fn picture(&self) -> Vec<u8> {
        self.image.data().to_vec()
    }
}
