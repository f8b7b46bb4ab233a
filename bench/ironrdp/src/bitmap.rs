//! Bitmap updates as a session decodes them: RDP 6.0 planar and interleaved RLE, and into its image.
use ironrdp_pdu::bitmap::{BitmapData, BitmapUpdateData, Compression};
use ironrdp_session::fast_path::{Processor, ProcessorBuilder, UpdateKind};
use ironrdp_session::image::DecodedImage;

use crate::decoder::{Outcome, StreamDecoder};
use crate::output::Fnv;
use crate::remotefx::{new_image, place_of};
use crate::stream_file::{Record, Stream};

pub struct Bitmaps<'a> {
    stream: &'a Stream,
    bits_per_pixel: u16,
    /// The streams' planar records are top-down, as in the graphics pipeline, and a bitmap update
    /// is bottom-up: the session draws each of them upside down, which costs the same.
    upside_down: bool,
    processor: Processor,
    image: DecodedImage,
    update: Option<BitmapUpdateData<'a>>,
}

impl<'a> Bitmaps<'a> {
    pub fn planar(stream: &'a Stream) -> Self {
        Self::new(stream, 32, true)
    }

    pub fn interleaved(stream: &'a Stream) -> Self {
        let bits_per_pixel = u16::try_from(stream.param).unwrap_or_default();
        Self::new(stream, bits_per_pixel, false)
    }

    fn new(stream: &'a Stream, bits_per_pixel: u16, upside_down: bool) -> Self {
        let processor = ProcessorBuilder {
            io_channel_id: 0,
            user_channel_id: 0,
            share_id: 0,
            enable_server_pointer: false,
            pointer_software_rendering: false,
        };
        Self {
            stream,
            bits_per_pixel,
            upside_down,
            processor: processor.build(),
            image: new_image(stream),
            update: None,
        }
    }

    fn parsed(&self, record: &'a Record) -> BitmapData<'a> {
        BitmapData {
            rectangle: place_of(record),
            width: record.w,
            height: record.h,
            bits_per_pixel: self.bits_per_pixel,
            compression_flags: Compression::BITMAP_COMPRESSION,
            compressed_data_header: None,
            bitmap_data: &record.payload,
        }
    }
}

impl StreamDecoder for Bitmaps<'_> {
    /// The session wants an update to keep: it is parsed here, outside of the timing.
    fn reset(&mut self) {
        let rectangles = self.stream.records.iter().map(|r| self.parsed(r)).collect();
        self.update = Some(BitmapUpdateData { rectangles });
    }

    fn decode(&mut self, _hash: Option<&mut Fnv>) -> Outcome {
        let update = self.update.take().ok_or("not reset")?;
        let drawn = self
            .processor
            .process_bitmap_update(&mut self.image, update)?;
        match drawn.as_slice() {
            [UpdateKind::Region(_)] => Ok(()),
            _ => Err("nothing was drawn".into()),
        }
    }

    fn picture(&self) -> Vec<u8> {
        let mut picture = self.image.data().to_vec();
        if self.upside_down {
            for record in &self.stream.records {
                turn_over(&mut picture, usize::from(self.stream.width) * 4, record);
            }
        }
        picture
    }
}

/// Exchanges the rows of a record's rectangle, the first for the last.
fn turn_over(picture: &mut [u8], stride: usize, record: &Record) {
    let height = usize::from(record.h);
    let (left, size) = (usize::from(record.x) * 4, usize::from(record.w) * 4);
    for row in 0..height / 2 {
        let upper = (usize::from(record.y) + row) * stride + left;
        let lower = (usize::from(record.y) + height - 1 - row) * stride + left;
        let (head, tail) = picture.split_at_mut(lower);
        head[upper..upper + size].swap_with_slice(&mut tail[..size]);
    }
}
