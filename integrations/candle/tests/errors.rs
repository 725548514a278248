//! Errors of conversions: the message says what failed, and its cause is the source.

use candle_core::{DType, Device, Tensor};
use std::error::Error;
use tfevents_candle::{ConvertError, image, scalar};

fn check<T>(result: Result<T, ConvertError>) -> ConvertError {
    fn is_sendable<E: Error + Send + Sync + 'static>(_: &E) {}
    let Err(error) = result else { panic!("a conversion that has to fail") };
    is_sendable(&error);
    let message = error.to_string();
    assert!(message.starts_with(char::is_lowercase) && !message.ends_with('.'), "{message}");
    if let Some(source) = error.source() {
        assert!(!message.contains(&source.to_string()), "{message}: {source}");
    }
    error
}

#[test]
fn messages_leave_their_causes_to_the_source() -> candle_core::Result<()> {
    let zeros = |shape: &[usize], dtype| Tensor::zeros(shape, dtype, &Device::Cpu);
    let error = check(scalar(&zeros(&[2], DType::F32)?));
    assert!(matches!(error, ConvertError::ScalarShape { .. }), "{error:?}");
    let error = check(image(&zeros(&[1, 1, 1, 1, 1], DType::F32)?));
    assert!(matches!(error, ConvertError::ImageShape { .. }), "{error:?}");
    let error = check(image(&zeros(&[2, 2], DType::I64)?));
    assert!(matches!(error, ConvertError::PixelType { .. }), "{error:?}");
    let error = check(image(&zeros(&[5, 2, 2], DType::F32)?));
    assert!(matches!(error, ConvertError::Image(_)) && error.source().is_some(), "{error:?}");
    Ok(())
}
