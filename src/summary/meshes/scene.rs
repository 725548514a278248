//! The scene of a mesh: camera, lights and material, as the JSON that TensorBoard's viewer reads.

use super::MeshError;
use crate::wire::json::quoted;

/// The camera, the lights and the material of a [`Mesh`](super::Mesh).
///
/// Parts that are left out are TensorBoard's defaults. It uses the scene of a tag's first mesh.
///
/// ```
/// use tfevents::summary::{Camera, Light, Material, Scene};
///
/// let scene = Scene::new()
///     .camera(Camera::new().fov(50.0).position([0.0, 1.0, 3.0]).look_at([0.0, 0.0, 0.0]))
///     .light(Light::ambient([255, 255, 255], 0.6))
///     .light(Light::directional([255, 240, 220], 0.8, [1.0, 2.0, 2.0]))
///     .material(Material::standard().color([160, 40, 40]).set("roughness", 0.4));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
#[doc(alias("config_dict"))]
pub struct Scene {
    camera: Option<Camera>,
    lights: Vec<Light>,
    material: Option<Material>,
}

/// A camera with perspective: part of a [`Scene`].
///
/// ```
/// let near = tfevents::summary::Camera::new().position([0.0, 0.0, 0.5]);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Camera(Object);

/// A light: part of a [`Scene`].
///
/// ```
/// let white = tfevents::summary::Light::ambient([255, 255, 255], 1.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Light(Object);

/// The look of a surface, or of the points of a cloud: part of a [`Scene`].
///
/// A mesh with colors is drawn in those instead of the material's.
///
/// ```
/// use tfevents::summary::Material;
///
/// let glass = Material::standard().color([80, 160, 220]).set("opacity", 0.5).set("transparent", true);
/// let dots = Material::points(0.05);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Material(Object);

impl Scene {
    /// Creates TensorBoard's default scene.
    ///
    /// ```
    /// use tfevents::summary::Scene;
    ///
    /// let scene = Scene::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the camera.
    ///
    /// ```
    /// use tfevents::summary::{Camera, Scene};
    ///
    /// let scene = Scene::new().camera(Camera::new().fov(40.0));
    /// ```
    pub fn camera(mut self, camera: Camera) -> Self {
        self.camera = Some(camera);
        self
    }

    /// Adds a light. The first one replaces TensorBoard's own.
    ///
    /// ```
    /// use tfevents::summary::{Light, Scene};
    ///
    /// let scene = Scene::new().light(Light::ambient([255; 3], 1.0));
    /// ```
    pub fn light(mut self, light: Light) -> Self {
        self.lights.push(light);
        self
    }

    /// Sets the material.
    ///
    /// ```
    /// use tfevents::summary::{Material, Scene};
    ///
    /// let scene = Scene::new().material(Material::phong());
    /// ```
    pub fn material(mut self, material: Material) -> Self {
        self.material = Some(material);
        self
    }

    /// Returns the JSON, or an error for a setting that is not finite, for which JSON has no number.
    pub(super) fn to_json(&self) -> Result<String, MeshError> {
        let camera = self.camera.iter().map(|camera| &camera.0);
        let lights = self.lights.iter().map(|light| &light.0);
        let material = self.material.iter().map(|material| &material.0);
        for object in camera.chain(lights).chain(material) {
            object.check()?;
        }
        let mut parts = Vec::new();
        if let Some(Camera(camera)) = &self.camera {
            parts.push(format!("\"camera\":{}", camera.to_json()));
        }
        if !self.lights.is_empty() {
            let lights: Vec<_> = self.lights.iter().map(|light| light.0.to_json()).collect();
            parts.push(format!("\"lights\":[{}]", lights.join(",")));
        }
        if let Some(Material(material)) = &self.material {
            parts.push(format!("\"material\":{}", material.to_json()));
        }
        Ok(format!("{{{}}}", parts.join(",")))
    }
}

impl Default for Camera {
    fn default() -> Self {
        Self::new()
    }
}

impl Camera {
    /// Creates TensorBoard's default camera.
    ///
    /// ```
    /// use tfevents::summary::Camera;
    ///
    /// let camera = Camera::new();
    /// ```
    pub fn new() -> Self {
        Self(Object::new("PerspectiveCamera"))
    }

    /// Sets the vertical field of view in degrees. Default: 75.
    ///
    /// ```
    /// use tfevents::summary::Camera;
    ///
    /// let camera = Camera::new().fov(40.0);
    /// ```
    pub fn fov(self, degrees: f64) -> Self {
        Self(self.0.with("fov", degrees))
    }

    /// Sets the distance below which nothing is drawn. Default: 0.1.
    ///
    /// ```
    /// use tfevents::summary::Camera;
    ///
    /// let camera = Camera::new().near(0.01);
    /// ```
    pub fn near(self, distance: f64) -> Self {
        Self(self.0.with("near", distance))
    }

    /// Sets the position of the camera. Default: in front of the mesh, so that all of it is seen.
    ///
    /// ```
    /// use tfevents::summary::Camera;
    ///
    /// let camera = Camera::new().position([0.0, 1.0, 3.0]);
    /// ```
    pub fn position(self, at: [f64; 3]) -> Self {
        Self(self.0.with("position", at))
    }

    /// Sets the point that the camera looks at. Default: the middle of the mesh.
    ///
    /// ```
    /// use tfevents::summary::Camera;
    ///
    /// let camera = Camera::new().look_at([0.0, 0.5, 0.0]);
    /// ```
    pub fn look_at(self, at: [f64; 3]) -> Self {
        Self(self.0.with("lookAt", at))
    }
}

impl Light {
    /// Creates light from everywhere: red, green and blue, and its intensity.
    ///
    /// ```
    /// use tfevents::summary::Light;
    ///
    /// let white = Light::ambient([255, 255, 255], 0.6);
    /// ```
    pub fn ambient(color: [u8; 3], intensity: f64) -> Self {
        Self(Object::new("AmbientLight").with("color", color).with("intensity", intensity))
    }

    /// Creates light from far away, like the sun's, from the direction of `from`.
    ///
    /// ```
    /// use tfevents::summary::Light;
    ///
    /// let sun = Light::directional([255, 240, 220], 0.8, [1.0, 2.0, 2.0]);
    /// ```
    pub fn directional(color: [u8; 3], intensity: f64, from: [f64; 3]) -> Self {
        let light = Object::new("DirectionalLight").with("color", color);
        Self(light.with("intensity", intensity).with("position", from))
    }

    /// Creates light from a point, like a bulb's.
    ///
    /// ```
    /// use tfevents::summary::Light;
    ///
    /// let bulb = Light::point([255, 255, 255], 1.0, [0.0, 2.0, 0.0]);
    /// ```
    pub fn point(color: [u8; 3], intensity: f64, at: [f64; 3]) -> Self {
        let light = Object::new("PointLight").with("color", color);
        Self(light.with("intensity", intensity).with("position", at))
    }
}

impl Material {
    /// Creates a surface with roughness and metalness: TensorBoard's default for faces.
    ///
    /// ```
    /// use tfevents::summary::Material;
    ///
    /// let rough = Material::standard().set("roughness", 1);
    /// ```
    pub fn standard() -> Self {
        Self::custom("MeshStandardMaterial")
    }

    /// Creates a surface that is not shaded by lights.
    ///
    /// ```
    /// use tfevents::summary::Material;
    ///
    /// let flat = Material::basic().color([200, 30, 30]);
    /// ```
    pub fn basic() -> Self {
        Self::custom("MeshBasicMaterial")
    }

    /// Creates a shining surface.
    ///
    /// ```
    /// use tfevents::summary::Material;
    ///
    /// let shining = Material::phong().set("shininess", 80);
    /// ```
    pub fn phong() -> Self {
        Self::custom("MeshPhongMaterial")
    }

    /// Creates points of this size, for a cloud. TensorBoard's default for clouds, with size 0.005.
    ///
    /// ```
    /// use tfevents::summary::Material;
    ///
    /// let dots = Material::points(0.05);
    /// ```
    pub fn points(size: f64) -> Self {
        Self(Object::new("PointsMaterial").with("size", size))
    }

    /// Creates a material by the name of its class in three.js, which TensorBoard draws with. With
    /// an unknown name the mesh is not drawn.
    ///
    /// ```
    /// let by_direction = tfevents::summary::Material::custom("MeshNormalMaterial");
    /// ```
    pub fn custom(class: &str) -> Self {
        Self(Object::new(class))
    }

    /// Sets the color: red, green and blue.
    ///
    /// ```
    /// use tfevents::summary::Material;
    ///
    /// let red = Material::standard().color([200, 30, 30]);
    /// ```
    pub fn color(self, color: [u8; 3]) -> Self {
        Self(self.0.with("color", color))
    }

    /// Sets a property of the class, such as `roughness`, `wireframe` or `opacity`.
    ///
    /// ```
    /// let wires = tfevents::summary::Material::basic().set("wireframe", true);
    /// ```
    pub fn set(self, name: &str, value: impl Into<SceneValue>) -> Self {
        Self(self.0.with(name, value))
    }
}

/// A value of [`Material::set`]: a number, a bool, a text, or a point or color.
///
/// ```
/// let value: tfevents::summary::SceneValue = 0.4.into();
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SceneValue(Value);

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(f64),
    Bool(bool),
    Text(String),
    Point([f64; 3]),
}

macro_rules! from_numbers {
    ($($number:ty)*) => {$(
        impl From<$number> for SceneValue {
            fn from(number: $number) -> Self {
                Self(Value::Number(number.into()))
            }
        }
    )*};
}

from_numbers!(f64 f32 i8 i16 i32 u8 u16 u32);

impl From<bool> for SceneValue {
    fn from(value: bool) -> Self {
        Self(Value::Bool(value))
    }
}

impl From<&str> for SceneValue {
    fn from(text: &str) -> Self {
        Self(Value::Text(text.to_owned()))
    }
}

impl From<String> for SceneValue {
    fn from(text: String) -> Self {
        Self(Value::Text(text))
    }
}

impl From<[f64; 3]> for SceneValue {
    fn from(point: [f64; 3]) -> Self {
        Self(Value::Point(point))
    }
}

/// A color: red, green and blue.
impl From<[u8; 3]> for SceneValue {
    fn from([red, green, blue]: [u8; 3]) -> Self {
        Self(Value::Text(format!("#{red:02x}{green:02x}{blue:02x}")))
    }
}

/// One of three.js's objects: its class and its properties.
#[derive(Clone, Debug, PartialEq)]
struct Object {
    class: String,
    properties: Vec<(String, Value)>,
}

impl Object {
    fn new(class: &str) -> Self {
        Self { class: class.to_owned(), properties: Vec::new() }
    }

    fn with(mut self, name: &str, value: impl Into<SceneValue>) -> Self {
        let SceneValue(value) = value.into();
        self.properties.retain(|(known, _)| known != name);
        self.properties.push((name.to_owned(), value));
        self
    }

    /// Checks that all numbers are finite.
    fn check(&self) -> Result<(), MeshError> {
        for (name, value) in &self.properties {
            let given = match value {
                Value::Number(number) if !number.is_finite() => number.to_string(),
                Value::Point(point) if !point.iter().all(|number| number.is_finite()) => {
                    format!("{point:?}")
                }
                _ => continue,
            };
            return Err(MeshError::Scene { name: name.clone(), given });
        }
        Ok(())
    }

    fn to_json(&self) -> String {
        let mut json = format!("{{\"cls\":{}", quoted(&self.class));
        for (name, value) in &self.properties {
            let value = match value {
                Value::Number(number) => number.to_string(),
                Value::Bool(value) => value.to_string(),
                Value::Text(text) => quoted(text),
                Value::Point([x, y, z]) => format!("[{x},{y},{z}]"),
            };
            json += &format!(",{}:{value}", quoted(name));
        }
        json + "}"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(scene: &Scene) -> serde_json::Value {
        serde_json::from_str(&scene.to_json().unwrap()).unwrap()
    }

    #[test]
    fn scenes_are_written_as_the_viewer_reads_them() {
        assert_eq!(Scene::new().to_json().unwrap(), "{}");
        let scene = Scene::new()
            .camera(Camera::new().fov(50.0).near(0.25).position([0.0, -1.5, 3e-30]))
            .light(Light::point([255, 0, 10], 0.5, [1.0, 2.0, 3.0]))
            .light(Light::ambient([1, 2, 3], 1.0))
            .material(Material::points(0.1).set("size", 0.2).set("fog", false));
        let expected = json!({
            "camera": {"cls": "PerspectiveCamera", "fov": 50.0, "near": 0.25, "position": [0.0, -1.5, 3e-30]},
            "lights": [
                {"cls": "PointLight", "color": "#ff000a", "intensity": 0.5, "position": [1.0, 2.0, 3.0]},
                {"cls": "AmbientLight", "color": "#010203", "intensity": 1.0},
            ],
            "material": {"cls": "PointsMaterial", "size": 0.2, "fog": false},
        });
        // As floats: JSON has one kind of number, but serde_json distinguishes 1 and 1.0.
        let as_floats = |json: serde_json::Value| json.to_string().replace(".0", "");
        assert_eq!(as_floats(parsed(&scene)), as_floats(expected));
    }

    #[test]
    fn text_is_escaped() {
        let odd = "a\"b\\c\nd\u{1}é/";
        let scene = Scene::new().material(Material::custom(odd).set(odd, odd));
        assert_eq!(parsed(&scene), json!({"material": {"cls": odd, odd: odd}}));
    }

    #[test]
    fn settings_that_are_not_finite_are_named() {
        let scene = Scene::new().camera(Camera::new().look_at([0.0, f64::NAN, 0.0]));
        let error = |name: &str, given: &str| {
            Err(MeshError::Scene { name: name.to_owned(), given: given.to_owned() })
        };
        assert_eq!(scene.to_json(), error("lookAt", "[0.0, NaN, 0.0]"));
        let scene = Scene::new().light(Light::ambient([0; 3], f64::INFINITY));
        assert_eq!(scene.to_json(), error("intensity", "inf"));
    }
}
