//! Meshes: points in space, with faces and colors, per step; and the scene they are shown in.

mod scene;

pub use scene::{Camera, Light, Material, Scene, SceneValue};

use crate::summary::{DataClass, Element, Metadata, Summary, SummaryEncoder, Tensor};
use crate::wire::messages::MeshPluginData;
use crate::wire::messages::mesh_plugin_data::ContentType;
use prost::Message;

/// A mesh or a cloud of points, or a batch of them, shown by the Mesh dashboard.
///
/// Vertices are x, y and z. Faces are triangles: the indices of three vertices; without faces the
/// vertices are drawn as points. Colors are red, green and blue of each vertex.
///
/// ```
/// use tfevents::summary::Mesh;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let corners = [[0.0f32, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
/// let tetrahedron = Mesh::builder(&corners)
///     .faces(&[[0u32, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
///     .colors(&[[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]])
///     .build()?;
/// writer.add_mesh("shape", &tetrahedron, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// TensorBoard takes the scene, the presence of faces and colors, and the number of meshes of a
/// batch from a tag's first mesh. Its viewer stores the indices of vertices in 16 bits: of a mesh
/// with faces it draws only the first 65,536 vertices correctly. The file has all of them.
#[derive(Clone, Debug, PartialEq)]
#[doc(alias("PointCloud", "point_cloud", "add_mesh"))]
pub struct Mesh {
    samples: usize,
    vertices: Vec<f32>,
    faces: Option<Vec<i32>>,
    colors: Option<Vec<u8>>,
    scene: String,
}

/// An error creating a [`Mesh`].
///
/// ```
/// use tfevents::summary::Mesh;
///
/// let error = Mesh::builder(&[[0.0; 3]; 3]).faces(&[[0, 1, 3]]).build().unwrap_err();
/// assert_eq!(error.to_string(), "invalid vertex of mesh face 0: 3 (expected 0 to 2)");
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MeshError {
    /// There are no vertices, or more than an `i32` can count.
    #[error("invalid number of mesh vertices: {given} (expected 1 to 2147483647)")]
    #[non_exhaustive]
    Vertices {
        /// The number of vertices that were given.
        given: usize,
    },
    /// A vertex is not finite.
    #[error("invalid mesh vertex {index}: {given:?} (expected finite numbers)")]
    #[non_exhaustive]
    Vertex {
        /// The index of the vertex.
        index: usize,
        /// The vertex.
        given: [f32; 3],
    },
    /// A face has a vertex that does not exist.
    #[error("invalid vertex of mesh face {index}: {given} (expected 0 to {})", vertices - 1)]
    #[non_exhaustive]
    Face {
        /// The index of the face.
        index: usize,
        /// The index of the vertex.
        given: i128,
        /// The number of vertices.
        vertices: usize,
    },
    /// There is not one color for each vertex.
    #[error("invalid number of mesh colors: {given} (expected {vertices}, one for each vertex)")]
    #[non_exhaustive]
    Colors {
        /// The number of colors that were given.
        given: usize,
        /// The number of vertices.
        vertices: usize,
    },
    /// A setting of the scene is NaN or infinite.
    #[error("invalid setting {name:?} of a mesh's scene: {given} (expected finite numbers)")]
    #[non_exhaustive]
    Scene {
        /// The name of the setting.
        name: String,
        /// The number or the point that was given.
        given: String,
    },
    /// A batch has no meshes.
    #[error("invalid batch of 0 meshes (expected at least 1)")]
    EmptyBatch,
    /// Meshes of a batch have different numbers of vertices, faces or colors.
    #[error(
        "invalid {what} of mesh {index} of a batch: {given} (expected {expected}, as in the first)"
    )]
    #[non_exhaustive]
    Batch {
        /// The index of the mesh.
        index: usize,
        /// The number that differs, such as `number of vertices`.
        what: &'static str,
        /// The number of this mesh.
        given: usize,
        /// The number of the first mesh.
        expected: usize,
    },
}

/// A builder of [`Mesh`]es: see [`Mesh::builder`].
///
/// ```
/// use tfevents::summary::{Mesh, Scene};
///
/// let cloud = Mesh::builder(&[[0.0, 0.5, 1.0]]).colors(&[[255, 0, 0]]).scene(Scene::new()).build()?;
/// # Ok::<(), tfevents::summary::MeshError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct MeshBuilder<'a> {
    vertices: &'a [[f32; 3]],
    faces: Option<Result<Vec<i32>, MeshError>>,
    colors: Option<&'a [[u8; 3]]>,
    scene: Scene,
}

impl Mesh {
    /// Returns a builder for a mesh with these vertices: x, y and z of each.
    ///
    /// ```
    /// use tfevents::summary::Mesh;
    ///
    /// // From a flat array:
    /// let flat = [0.0f32, 0.0, 0.0, 0.5, 0.25, 1.0];
    /// let points: Vec<_> = flat.chunks_exact(3).map(|at| [at[0], at[1], at[2]]).collect();
    /// let cloud = Mesh::builder(&points).build()?;
    /// # Ok::<(), tfevents::summary::MeshError>(())
    /// ```
    #[doc(alias = "new")]
    pub fn builder(vertices: &[[f32; 3]]) -> MeshBuilder<'_> {
        MeshBuilder { vertices, faces: None, colors: None, scene: Scene::new() }
    }

    /// Creates a batch: several meshes under one tag and step, which TensorBoard shows one at a
    /// time, with a selector. All have the same number of vertices and faces, and are shown in the
    /// scene of the first.
    ///
    /// ```
    /// use tfevents::summary::Mesh;
    ///
    /// let before = Mesh::builder(&[[0.0; 3], [1.0; 3]]).build()?;
    /// let after = Mesh::builder(&[[0.5; 3], [0.7; 3]]).build()?;
    /// let both = Mesh::batch([&before, &after])?;
    /// # Ok::<(), tfevents::summary::MeshError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no mesh, or their numbers of vertices, faces or colors differ.
    pub fn batch<'a>(meshes: impl IntoIterator<Item = &'a Mesh>) -> Result<Self, MeshError> {
        let mut meshes = meshes.into_iter().enumerate();
        let (_, first) = meshes.next().ok_or(MeshError::EmptyBatch)?;
        let mut batch = first.clone();
        for (index, mesh) in meshes {
            for (what, given, expected) in [
                ("number of vertices", mesh.vertices_per_sample(), first.vertices_per_sample()),
                ("number of faces", mesh.faces_per_sample(), first.faces_per_sample()),
                ("number of colors", mesh.colors_per_sample(), first.colors_per_sample()),
            ] {
                if given != expected {
                    return Err(MeshError::Batch { index, what, given, expected });
                }
            }
            batch.samples += mesh.samples;
            batch.vertices.extend(&mesh.vertices);
            if let (Some(all), Some(faces)) = (&mut batch.faces, &mesh.faces) {
                all.extend(faces);
            }
            if let (Some(all), Some(colors)) = (&mut batch.colors, &mesh.colors) {
                all.extend(colors);
            }
        }
        Ok(batch)
    }

    fn vertices_per_sample(&self) -> usize {
        self.vertices.len() / 3 / self.samples
    }

    fn faces_per_sample(&self) -> usize {
        self.faces.as_ref().map_or(0, |faces| faces.len() / 3 / self.samples)
    }

    fn colors_per_sample(&self) -> usize {
        self.colors.as_ref().map_or(0, |colors| colors.len() / 3 / self.samples)
    }
}

impl<'a> MeshBuilder<'a> {
    /// Sets triangles: the indices of three vertices each, in any integer type.
    ///
    /// ```
    /// use tfevents::summary::Mesh;
    ///
    /// let triangle = Mesh::builder(&[[0.0; 3], [1.0; 3], [0.0, 1.0, 0.0]]).faces(&[[0i32, 1, 2]]);
    /// ```
    pub fn faces<I: Copy + TryInto<i128>>(mut self, faces: &[[I; 3]]) -> Self {
        let vertices = self.vertices.len();
        let number = |(index, &given): (usize, &I)| {
            // Only a u128 can be beyond an i128.
            let given = given.try_into().unwrap_or(i128::MAX);
            let known = usize::try_from(given).is_ok_and(|given| given < vertices);
            let number = i32::try_from(given).ok().filter(|_| known);
            number.ok_or(MeshError::Face { index: index / 3, given, vertices })
        };
        self.faces = Some(faces.as_flattened().iter().enumerate().map(number).collect());
        self
    }

    /// Sets red, green and blue of each vertex.
    ///
    /// ```
    /// use tfevents::summary::Mesh;
    ///
    /// let dots = Mesh::builder(&[[0.0; 3], [1.0; 3]]).colors(&[[255, 0, 0], [0, 0, 255]]);
    /// ```
    pub fn colors(mut self, colors: &'a [[u8; 3]]) -> Self {
        self.colors = Some(colors);
        self
    }

    /// Sets camera, lights and material. Default: TensorBoard's.
    ///
    /// ```
    /// use tfevents::summary::{Material, Mesh, Scene};
    ///
    /// let scene = Scene::new().material(Material::points(0.05));
    /// let dots = Mesh::builder(&[[0.0; 3], [1.0; 3]]).scene(scene);
    /// ```
    pub fn scene(mut self, scene: Scene) -> Self {
        self.scene = scene;
        self
    }

    /// Checks the parts and builds the mesh.
    ///
    /// ```
    /// use tfevents::summary::Mesh;
    ///
    /// assert!(Mesh::builder(&[[0.0, 0.0, f32::NAN]]).build().is_err());
    /// ```
    ///
    /// # Errors
    /// If there is no vertex, a vertex is not finite, a face has a vertex that does not exist, there
    /// is not one color for each vertex, or a setting of the scene is not finite.
    pub fn build(self) -> Result<Mesh, MeshError> {
        let vertices = self.vertices.len();
        if vertices == 0 || i32::try_from(vertices).is_err() {
            return Err(MeshError::Vertices { given: vertices });
        }
        let is_finite = |vertex: &[f32; 3]| vertex.iter().all(|value| value.is_finite());
        if let Some(index) = self.vertices.iter().position(|vertex| !is_finite(vertex)) {
            return Err(MeshError::Vertex { index, given: self.vertices[index] });
        }
        if let Some(colors) = self.colors.filter(|colors| colors.len() != vertices) {
            return Err(MeshError::Colors { given: colors.len(), vertices });
        }
        Ok(Mesh {
            samples: 1,
            vertices: self.vertices.as_flattened().to_vec(),
            faces: self.faces.transpose()?,
            colors: self.colors.map(|colors| colors.as_flattened().to_vec()),
            scene: self.scene.to_json()?,
        })
    }
}

impl Summary for Mesh {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        let bit = |part: ContentType, present: bool| u32::from(present) << part as u32;
        let components = bit(ContentType::Vertex, true)
            | bit(ContentType::Face, self.faces.is_some())
            | bit(ContentType::Color, self.colors.is_some());
        let mut part = Part { mesh: self, tag, components, encoder };
        part.push("VERTEX", ContentType::Vertex, &self.vertices);
        if let Some(faces) = &self.faces {
            part.push("FACE", ContentType::Face, faces);
        }
        if let Some(colors) = &self.colors {
            part.push("COLOR", ContentType::Color, colors);
        }
    }

    fn encoded_len_hint(&self) -> usize {
        let faces = self.faces.as_ref().map_or(0, Vec::len);
        let colors = self.colors.as_ref().map_or(0, Vec::len);
        4 * (self.vertices.len() + faces) + colors + 3 * (self.scene.len() + 128)
    }
}

/// The encoder of the parts of a mesh.
struct Part<'a, 'b> {
    mesh: &'a Mesh,
    tag: &'a str,
    components: u32,
    encoder: &'a mut SummaryEncoder<'b>,
}

impl Part<'_, '_> {
    fn push<T: Element>(&mut self, name: &str, content_type: ContentType, numbers: &[T]) {
        let shape = [self.mesh.samples, numbers.len() / 3 / self.mesh.samples, 3];
        // TensorBoard reads only the number of samples from it.
        let sizes = shape.map(|size| i32::try_from(size).unwrap_or(i32::MAX)).to_vec();
        let content = MeshPluginData {
            version: 0,
            name: self.tag.to_owned(),
            content_type: content_type as i32,
            json_config: self.mesh.scene.clone(),
            shape: sizes,
            components: self.components,
        };
        let metadata =
            Metadata::new("mesh").content(content.encode_to_vec()).data_class(DataClass::Tensor);
        let tag = format!("{}_{name}", self.tag);
        self.encoder.push(&tag, &metadata, &Tensor::numbers(&shape, numbers));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_meshes_are_refused() {
        let triangle = [[0.0f32; 3], [1.0; 3], [2.0; 3]];
        let message = |builder: MeshBuilder<'_>| builder.build().unwrap_err().to_string();
        assert_eq!(
            message(Mesh::builder(&[])),
            "invalid number of mesh vertices: 0 (expected 1 to 2147483647)"
        );
        let with_nan = [[0.0; 3], [0.0, f32::NAN, 1.0]];
        assert_eq!(
            message(Mesh::builder(&with_nan)),
            "invalid mesh vertex 1: [0.0, NaN, 1.0] (expected finite numbers)"
        );
        let mesh = || Mesh::builder(&triangle);
        assert_eq!(
            message(mesh().faces(&[[0u8, 1, 2], [1, 2, 3]])),
            "invalid vertex of mesh face 1: 3 (expected 0 to 2)"
        );
        assert!(message(mesh().faces(&[[0, -1, 2]])).contains("face 0: -1"));
        assert!(mesh().faces(&[[0, u128::MAX, 2]]).build().is_err());
        assert_eq!(
            message(mesh().colors(&[[0; 3]])),
            "invalid number of mesh colors: 1 (expected 3, one for each vertex)"
        );
        let scene = Scene::new().camera(Camera::new().fov(f64::NAN));
        assert_eq!(
            message(mesh().scene(scene)),
            "invalid setting \"fov\" of a mesh's scene: NaN (expected finite numbers)"
        );
    }

    #[test]
    fn meshes_of_a_batch_have_the_same_numbers() {
        let points = [[0.0f32; 3], [1.0; 3], [2.0; 3]];
        let plain = Mesh::builder(&points).build().unwrap();
        let differs = |other: MeshBuilder<'_>| {
            let other = other.build().unwrap();
            match Mesh::batch([&plain, &plain, &other]).unwrap_err() {
                error @ MeshError::Batch { index: 2, .. } => error.to_string(),
                error => panic!("{error}"),
            }
        };
        assert_eq!(
            differs(Mesh::builder(&points[..2])),
            "invalid number of vertices of mesh 2 of a batch: 2 (expected 3, as in the first)"
        );
        assert_eq!(
            differs(Mesh::builder(&points).faces(&[[0, 1, 2]])),
            "invalid number of faces of mesh 2 of a batch: 1 (expected 0, as in the first)"
        );
        assert_eq!(
            differs(Mesh::builder(&points).colors(&[[0; 3]; 3])),
            "invalid number of colors of mesh 2 of a batch: 3 (expected 0, as in the first)"
        );
        assert_eq!(Mesh::batch([]), Err(MeshError::EmptyBatch));
        let two = Mesh::batch([&plain, &plain]).unwrap();
        assert_eq!(Mesh::batch([&two, &plain]), Mesh::batch([&plain, &plain, &plain]));
    }
}
